"""Where events go is decided under the lock; what nobody publishes at once is due at once."""

from storage.database.migrate import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The files `sql/0002_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0002_down.sql`."""
    run_sql(revision, down=True)
