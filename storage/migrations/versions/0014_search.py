"""Search compares texts by one fold, and finds words with one edit of typing."""

from storage.database.migrate import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """The files `sql/0014_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0014_down.sql`."""
    run_sql(revision, down=True)
