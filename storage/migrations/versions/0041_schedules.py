"""What is done again and again stands in a table, and one process at a time does it."""

from storage.database.migrate import run_sql

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """The files `sql/0041_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0041_down.sql`."""
    run_sql(revision, down=True)
