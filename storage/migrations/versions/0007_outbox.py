"""Rows of the outbox that cannot be worked off are set aside, and relays take turns by a lease."""

from storage.database.migrate import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """The files `sql/0007_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0007_down.sql`."""
    run_sql(revision, down=True)
