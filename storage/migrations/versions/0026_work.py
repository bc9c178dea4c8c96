"""Work: what contracts, milestones and releases keep of their clocks; settings of their times."""

from storage.database.migrate import run_sql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """The files `sql/0026_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0026_down.sql`."""
    run_sql(revision, down=True)
