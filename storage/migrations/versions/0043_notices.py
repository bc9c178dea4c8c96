"""Notifications point to what they tell of, and end with it; unread runs of conversations."""

from storage.database.migrate import run_sql

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """The files `sql/0043_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0043_down.sql`."""
    run_sql(revision, down=True)
