"""Disputes, refunds and reviews have what their workflows keep."""

from storage.database.migrate import run_sql

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """The files `sql/0027_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0027_down.sql`."""
    run_sql(revision, down=True)
