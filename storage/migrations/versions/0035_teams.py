"""Who sees what of a contract: members, those invited, those who have left."""

from storage.database.migrate import run_sql

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """The files `sql/0035_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0035_down.sql`."""
    run_sql(revision, down=True)
