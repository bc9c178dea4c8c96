"""The marketplace: its tables, figures and views, roles, grants by column and policies by row."""

from storage.database.migrate import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """The files `sql/0003_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0003_down.sql`."""
    run_sql(revision, down=True)
