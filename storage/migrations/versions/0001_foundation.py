"""Foundation: identity, conversations and their log, notifications, outbox."""

from storage.database.migrate import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The files `sql/0001_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0001_down.sql`."""
    run_sql(revision, down=True)
