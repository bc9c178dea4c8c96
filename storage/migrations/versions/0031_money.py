"""Refunds that are taken back, and how much one puts into a wallet at once."""

from storage.database.migrate import run_sql

revision = "0031"
down_revision = "0029"


def upgrade() -> None:
    """The files `sql/0031_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0031_down.sql`."""
    run_sql(revision, down=True)
