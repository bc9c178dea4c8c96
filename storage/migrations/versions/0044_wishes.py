"""How people want to be told: quiet hours by weekday, a snooze, digests by the hour, security."""

from storage.database.migrate import run_sql

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """The files `sql/0044_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0044_down.sql`."""
    run_sql(revision, down=True)
