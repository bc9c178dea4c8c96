"""System messages in conversations, the conversation of a contract, and domain events."""

from storage.database.migrate import run_sql

revision = "0021"
down_revision = "0018"


def upgrade() -> None:
    """The files `sql/0021_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0021_down.sql`."""
    run_sql(revision, down=True)
