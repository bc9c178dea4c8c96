"""The rest of the tables over REST; who keeps copies is told of changes."""

from storage.database.migrate import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The files `sql/0004_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0004_down.sql`."""
    run_sql(revision, down=True)
