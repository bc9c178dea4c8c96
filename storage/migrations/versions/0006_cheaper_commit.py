"""Messages and receipts are stored at a lower cost."""

from storage.database.migrate import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """The files `sql/0006_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0006_down.sql`."""
    run_sql(revision, down=True)
