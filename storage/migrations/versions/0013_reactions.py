"""The spellings of an emoji are one reaction."""

from storage.database.migrate import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """The files `sql/0013_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0013_down.sql`."""
    run_sql(revision, down=True)
