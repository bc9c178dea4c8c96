"""${message}."""

from storage.database.migrate import run_sql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """The files `sql/${up_revision}_*.sql` in the order of their names."""
    run_sql(revision)


def downgrade() -> None:
    """The file `sql/${up_revision}_down.sql`."""
    run_sql(revision, down=True)
