"""Message search by pages of messages instead of an index entry a word."""

from storage.database.migrate import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """The files `sql/0005_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0005_down.sql`."""
    run_sql(revision, down=True)
