"""Whom a user has blocked."""

from uuid import UUID

from protocol.objects import Block
from protocol.text import format_time
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from storage.database.verdicts import raise_for

_SQL = load_queries("people/blocks")


class Blocks:
    """A user's blocks. Blocks make no event: the blocked one is not told."""

    def __init__(self, calls: ChangeCalls, *, max_blocks: int) -> None:
        self._calls = calls
        self._max_blocks = max_blocks

    async def add(self, user_id: UUID, blocked_id: UUID) -> None:
        """Block somebody; `not_found` (user) for an unknown account, `conflict` at the limit."""
        (row,) = await self._calls.rows(_SQL["add"], user_id, blocked_id, self._max_blocks)
        raise_for(row["verdict"], limit=self._max_blocks)

    async def remove(self, user_id: UUID, blocked_id: UUID) -> None:
        """Unblock somebody; `not_found` (user) for an unknown account."""
        (row,) = await self._calls.rows(_SQL["remove"], user_id, blocked_id)
        raise_for(row["verdict"])

    async def of_user(self, user_id: UUID) -> list[Block]:
        """All blocks of a user, newest first."""
        rows = await self._calls.rows(_SQL["list"], user_id)
        return [Block(str(row["blocked_id"]), format_time(row["created_at"])) for row in rows]
