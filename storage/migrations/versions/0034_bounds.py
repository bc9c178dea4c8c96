"""Times are held to a calendar, sums to no column; methods of paying are unique to a person."""

from storage.database.migrate import run_sql

revision = "0034"
down_revision = "0032"


def upgrade() -> None:
    """The files `sql/0034_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0034_down.sql`."""
    run_sql(revision, down=True)
