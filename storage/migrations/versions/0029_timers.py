"""Timers are read by the time at which they can be due; the clock's jumps."""

from storage.database.migrate import run_sql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """The files `sql/0029_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0029_down.sql`."""
    run_sql(revision, down=True)
