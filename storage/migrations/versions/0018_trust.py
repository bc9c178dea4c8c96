"""People by name, reports on listings, ratings by role; who is suspended is not shown."""

from storage.database.migrate import run_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """The files `sql/0018_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0018_down.sql`."""
    run_sql(revision, down=True)
