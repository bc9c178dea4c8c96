"""What happens in the marketplace is noted for notifications too."""

from storage.database.migrate import run_sql

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """The files `sql/0046_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0046_down.sql`."""
    run_sql(revision, down=True)
