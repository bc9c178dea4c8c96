"""Addresses that take no mail."""

from storage.database.migrate import run_sql

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """The files `sql/0045_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0045_down.sql`."""
    run_sql(revision, down=True)
