"""What a server needs whose login owns nothing."""

from storage.database.migrate import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """The files `sql/0015_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0015_down.sql`."""
    run_sql(revision, down=True)
