"""Guards of what rows of several tables say together, and keys of lists."""

from storage.database.migrate import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """The files `sql/0016_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0016_down.sql`."""
    run_sql(revision, down=True)
