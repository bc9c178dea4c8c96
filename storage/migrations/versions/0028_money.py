"""What withdrawals, payout batches and returns of deposits keep while they are under way."""

from storage.database.migrate import run_sql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """The files `sql/0028_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0028_down.sql`."""
    run_sql(revision, down=True)
