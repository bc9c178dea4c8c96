"""Locks of rows that are deleted are taken in the order in which executions take them."""

from storage.database.migrate import run_sql

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """The files `sql/0039_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0039_down.sql`."""
    run_sql(revision, down=True)
