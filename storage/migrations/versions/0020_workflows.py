"""Workflows: one function that writes an execution, timers, the clock, pauses."""

from storage.database.migrate import run_sql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """The files `sql/0020_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0020_down.sql`."""
    run_sql(revision, down=True)
