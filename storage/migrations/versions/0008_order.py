"""The audience of a change is decided by its rev, and commits tell of changes under way."""

from storage.database.migrate import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """The files `sql/0008_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0008_down.sql`."""
    run_sql(revision, down=True)
