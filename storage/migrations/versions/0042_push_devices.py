"""A browser's push device has the keys of its subscription, and ends with its login."""

from storage.database.migrate import run_sql

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """The files `sql/0042_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0042_down.sql`."""
    run_sql(revision, down=True)
