"""Finding people by their names."""

from uuid import UUID

from protocol.objects import PersonFound
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries

_SQL = load_queries("people/people")


class People:
    """People by name, within their privacy and blocks."""

    def __init__(self, calls: ChangeCalls) -> None:
        self._calls = calls

    async def suffices(self, query: str) -> bool:
        """Whether a query is long enough to be looked for."""
        (row,) = await self._calls.rows(_SQL["suffices"], query)
        return bool(row["suffices"])

    async def find(self, user_id: UUID, query: str, limit: int) -> list[PersonFound]:
        """The nearest, at most `limit`; those of just this name first, then whom one knows."""
        rows = await self._calls.rows(_SQL["find"], user_id, query, limit)
        return [
            PersonFound(str(row["user_id"]), row["display_name"], row["kind"], row["avatar"])
            for row in rows
        ]
