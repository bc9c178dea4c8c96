"""What notifications say of what they are about."""

from storage.database.migrate import run_sql

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """The files `sql/0040_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0040_down.sql`."""
    run_sql(revision, down=True)
