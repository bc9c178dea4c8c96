"""What people are asked for can be answered, and what has changed is told and shown."""

from storage.database.migrate import run_sql

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """The files `sql/0032_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0032_down.sql`."""
    run_sql(revision, down=True)
