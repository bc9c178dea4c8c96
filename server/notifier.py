"""Makes notifications of what the outbox tells: mentions, replies, invitations.

Claiming, storing the notifications with their own outbox rows, and deleting what was claimed are
one transaction: each reference is turned into notifications once, whatever dies in between.
"""

import asyncio
from collections.abc import Callable, Sequence

import asyncpg
import structlog

from storage.claims import OutboxRow, claim
from storage.notices import of_invitations, of_messages
from storage.notifications import NewNotification, notify
from storage.postgres import REPEATABLE, UNAVAILABLE, losses_told

log = structlog.get_logger()

CONSUMER = "notifications"
_ROWS = 64
_POLL_S = 1.0
_RETRY_S = 2.0
_ROUND_S = 10.0


class Notifier:
    """The consumer of the outbox that makes notifications; any number of processes may run it."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", wake_relay: Callable[[], None]
    ) -> None:
        """`wake_relay` is called when notifications have been stored, for their events."""
        self._pool = pool
        self._wake_relay = wake_relay
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """The outbox may hold something now; without it, the next look is within a second."""
        self._woken.set()

    async def run(self) -> None:
        """Consume until cancelled; while PostgreSQL is away, try again every two seconds."""
        while True:
            try:
                is_busy = await self.consume() == _ROWS
                pause_s = 0.0 if is_busy else _POLL_S
            except (*UNAVAILABLE, *REPEATABLE) as error:
                log.warning("notifier_delayed", reason=type(error).__name__)
                pause_s = _RETRY_S
            try:
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()

    async def consume(self) -> int:
        """Turn what is due now, up to 64 rows, into notifications; returns how many rows it took.

        Raises what `UNAVAILABLE` and `REPEATABLE` name; then nothing was taken.
        """
        with losses_told():
            async with (
                asyncio.timeout(_ROUND_S),
                self._pool.acquire() as connection,
                connection.transaction(),
            ):
                rows = await claim(connection, CONSUMER, _ROWS)
                items = [item for row in rows for item in await _notifications_of(connection, row)]
                await notify(connection, items)
        if items:
            self._wake_relay()
        return len(rows)


async def _notifications_of(
    connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]", row: OutboxRow
) -> Sequence[NewNotification]:
    if row.kind == "message.created":
        return await of_messages(connection, row.conversation_ids, row.seqs)
    if row.kind == "conversation.created":
        return await of_invitations(connection, row.conversation_ids, row.user_ids)
    log.error("notifier_unknown_kind", kind=row.kind)
    return ()
