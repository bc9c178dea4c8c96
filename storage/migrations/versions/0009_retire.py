"""Functions that the version before no longer calls are dropped."""

from storage.database.migrate import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """The files `sql/0009_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0009_down.sql`."""
    run_sql(revision, down=True)
