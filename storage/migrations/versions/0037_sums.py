"""What settings and debts come to is asked of functions."""

from storage.database.migrate import run_sql

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """The files `sql/0037_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0037_down.sql`."""
    run_sql(revision, down=True)
