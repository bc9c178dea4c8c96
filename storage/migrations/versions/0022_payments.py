"""Events of payment providers with their tries, the local provider's book, one default method."""

from storage.database.migrate import run_sql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """The files `sql/0022_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0022_down.sql`."""
    run_sql(revision, down=True)
