"""Changes of rows that follow a step of the schema, in batches, while the servers run."""

from storage.database.postgres import connect
from storage.database.queries import load_queries

_SQL = load_queries("database/data_migrations")
_CALL_MS = 10_000


async def unfinished(dsn: str) -> list[str]:
    """The names of those that are not done yet. Raises one of `UNAVAILABLE`."""
    connection = await connect(dsn, _CALL_MS)
    try:
        return [row["name"] for row in await connection.fetch(_SQL["unfinished"])]
    finally:
        await connection.close()
