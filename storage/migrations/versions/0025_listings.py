"""What is agreed on when a proposal is accepted; deadlines of jobs close them."""

from storage.database.migrate import run_sql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """The files `sql/0025_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0025_down.sql`."""
    run_sql(revision, down=True)
