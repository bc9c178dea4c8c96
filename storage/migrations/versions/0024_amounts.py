"""Amounts that are finer than their currency are refused."""

from storage.database.migrate import run_sql

revision = "0024"
down_revision = "0022"


def upgrade() -> None:
    """The files `sql/0024_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0024_down.sql`."""
    run_sql(revision, down=True)
