"""A room whose owner pipelines messages, and a PostgreSQL that is held up under the writer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg

from tests.integration.limits.scene import Room
from tests.wire import WAIT_S

WAITING = """
from pg_locks l join pg_stat_activity a using (pid)
where not l.granted and a.datname = current_database()
"""
"""Who waits for a lock in this test's database: others may share its server."""


class Sends:
    """Messages of a room in their order; each may be sent again."""

    def __init__(self, room: Room, *contents: str) -> None:
        self.room = room
        self.ids = [str(uuid4()) for _ in contents]
        self._contents = contents

    async def tell(self, *numbers: int) -> list[int]:
        """Send these without waiting, from 1; the ids of the commands."""
        return [await self.room.a.tell("message.send", self.message(n)) for n in numbers]

    async def replies(self, *numbers: int) -> list[Any]:
        """Send these at once; what is told of each."""
        return [await self.told(command) for command in await self.tell(*numbers)]

    async def given_up(self, owner: asyncpg.Connection, *numbers: int) -> list[Any]:
        """Send these while nothing can be stored; what is told of each."""
        async with keys_locked(self.room):
            commands = await self.tell(*numbers)
            await cancel_waiting(self.room, owner)
            return [await self.told(command) for command in commands]

    async def told(self, command: int) -> Any:
        """The seq of the message that is stored, or the code of the refusal and its `after`, by
        number.
        """
        reply = await self.room.a.reply(command)
        if "d" in reply:
            return reply["d"]["message"]["seq"]
        error = reply["error"]
        assert error["retryable"] == (error["code"] in ("unavailable", "rate_limited"))
        after = error["details"].get("after")
        return error["code"], after and self.ids.index(after) + 1

    def message(self, number: int) -> dict[str, Any]:
        """The `d` of one."""
        content, client_id = self._contents[number - 1], self.ids[number - 1]
        return self.room.message(content, client_id=client_id)

    async def stored(self) -> list[str]:
        """What is stored in the room, in order of seq."""
        rows = await self.room.served.app.core.foundation.pool.fetch(
            "select content from messages where conversation_id = $1 order by seq", self.room.id
        )
        return [row["content"] for row in rows]


@contextlib.asynccontextmanager
async def keys_locked(room: Room) -> AsyncIterator[asyncpg.transaction.Transaction]:
    """While the block lasts, or until it rolls back, nobody stores a message."""
    connection = await asyncpg.connect(room.served.settings.owner_database_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("lock table message_keys in access exclusive mode")
        yield transaction
    finally:
        await connection.close()


async def until_waiting(room: Room) -> None:
    """Return once the writer waits for a lock."""
    pool = room.served.app.core.foundation.pool
    async with asyncio.timeout(WAIT_S):
        while not await pool.fetchval(f"select exists (select {WAITING})"):
            await asyncio.sleep(0.01)


async def cancel_waiting(room: Room, owner: asyncpg.Connection) -> None:
    """Cancel the statement of the writer, once it waits for a lock, as its time limit would.

    PostgreSQL raises the same for both, and a server with a short limit would meet it at other
    statements too when the machine is busy.
    """
    await until_waiting(room)
    await owner.execute(f"select pg_cancel_backend(pid) {WAITING}")
