"""Deliveries by e-mail and push are a queue of their own, judged at the last moment."""

from storage.database.migrate import run_sql

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    """The files `sql/0048_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0048_down.sql`."""
    run_sql(revision, down=True)
