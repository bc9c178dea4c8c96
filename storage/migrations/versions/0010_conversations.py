"""Conversations are archived by arithmetic, deleted replies are not counted, strangers are."""

from storage.database.migrate import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """The files `sql/0010_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0010_down.sql`."""
    run_sql(revision, down=True)
