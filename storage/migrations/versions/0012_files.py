"""Files: a quota a person, what nothing names is removed, thumbnails."""

from storage.database.migrate import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """The files `sql/0012_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0012_down.sql`."""
    run_sql(revision, down=True)
