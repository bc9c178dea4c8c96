"""How often the same is asked for, how many orders wait for money, how little is withdrawn."""

from storage.database.migrate import run_sql

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """The files `sql/0036_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0036_down.sql`."""
    run_sql(revision, down=True)
