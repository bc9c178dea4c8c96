"""Sums of people are shown by currency; figures are right from a profile's making."""

from storage.database.migrate import run_sql

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """The files `sql/0038_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0038_down.sql`."""
    run_sql(revision, down=True)
