"""Announcements are told to many; what is new is found for saved searches."""

from storage.database.migrate import run_sql

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """The files `sql/0047_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0047_down.sql`."""
    run_sql(revision, down=True)
