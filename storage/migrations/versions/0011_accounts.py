"""E-mail addresses in one spelling, and the networks that accounts log in from."""

from storage.database.migrate import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """The files `sql/0011_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/0011_down.sql`."""
    run_sql(revision, down=True)
