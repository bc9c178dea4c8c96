"""Counters of listings in tables of their own, beside the listings."""

from storage.database.migrate import run_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """The files `sql/0017_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0017_down.sql`."""
    run_sql(revision, down=True)
