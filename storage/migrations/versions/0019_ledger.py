"""The ledger: kinds of accounts, lots, deposits, releases, splits, amendments, tiers of fees."""

from storage.database.migrate import run_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """The files `sql/0019_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0019_down.sql`."""
    run_sql(revision, down=True)
