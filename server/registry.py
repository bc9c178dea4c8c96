"""The connections of this process: registered in Redis, kept alive there, forgotten at the end."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from protocol.errors import TOO_MANY_CONNECTIONS, Disconnect
from server.hub import Hub
from server.mailbox import Mailbox
from storage.presence import Connected, PresenceStore
from storage.redis_guard import RedisAwayError, RedisGuard

log = structlog.get_logger()

REFRESH_S = 10.0
FLAP_S = 5.0
"""Someone who is back within this time was never seen to be gone."""


@dataclass(slots=True)
class _Open:
    connected: Connected
    mailbox: Mailbox
    watched: set[str] = field(default_factory=set)


class Registry:
    """Opens and closes connections, and says how their users show themselves.

    With Redis away connections open and close all the same: presence is dropped, and the limit of
    connections holds within this process.
    """

    def __init__(
        self, hub: Hub, presence: PresenceStore, guard: RedisGuard, most_per_user: int
    ) -> None:
        self._hub = hub
        self._presence = presence
        self._guard = guard
        self._most_per_user = most_per_user
        self._open: dict[str, _Open] = {}
        self._of_user: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()

    def __len__(self) -> int:
        return len(self._open)

    async def open(self, user_id: UUID, mailbox: Mailbox) -> str:
        """Join a connection to its user's events; the offset of the newest one before it.

        Opened again, after a hello that was refused later on, it counts once. Raises `Disconnect`
        when the user has too many connections.
        """
        self._forget(mailbox.connection_id)
        connected = Connected(str(user_id), mailbox.connection_id)
        count = self._of_user.get(connected.user_id, 0)
        if count >= self._most_per_user:
            raise Disconnect(TOO_MANY_CONNECTIONS)
        self._of_user[connected.user_id] = count + 1
        self._open[mailbox.connection_id] = _Open(connected, mailbox)
        await self._hub.join(connected.user_id, mailbox)
        try:
            offset = await self._guard.call(
                lambda: self._presence.connect(connected, self._most_per_user)
            )
        except RedisAwayError:
            return ""
        if offset is None:
            raise Disconnect(TOO_MANY_CONNECTIONS)
        self._spawn(self._announce(connected.user_id))
        return offset

    def close(self, connection_id: str) -> None:
        """Forget a connection, if it was opened."""
        gone = self._forget(connection_id)
        if gone is not None:
            self._spawn(self._leave(gone.connected))

    def _forget(self, connection_id: str) -> _Open | None:
        gone = self._open.pop(connection_id, None)
        if gone is None:
            return None
        user_id = gone.connected.user_id
        self._of_user[user_id] -= 1
        if not self._of_user[user_id]:
            del self._of_user[user_id]
        self._hub.leave(user_id, gone.mailbox)
        for watched in gone.watched:
            self._hub.unwatch(watched, gone.mailbox)
        return gone

    async def set_status(self, connection_id: str, status: str, text: str) -> None:
        """How the user shows on this connection; nothing if it has ended meanwhile."""
        entry = self._open.get(connection_id)
        if entry is None:
            return
        connected = entry.connected
        connected.status, connected.text = status, text
        try:
            await self._guard.call(lambda: self._presence.refresh([connected]))
        except RedisAwayError:
            return
        if connection_id not in self._open:
            # It ended while Redis was told of it anew.
            self._spawn(self._leave(connected))
            return
        await self._announce(connected.user_id)

    async def watch(self, connection_id: str, user_ids: Sequence[UUID], most: int) -> bool:
        """Send the presence of these users to the connection; False with more than `most`.

        Nothing happens if it has ended meanwhile.
        """
        entry = self._open.get(connection_id)
        if entry is None:
            return True
        names = {str(user_id) for user_id in user_ids}
        if len(entry.watched | names) > most:
            return False
        for name in names - entry.watched:
            if self._open.get(connection_id) is not entry:
                break
            entry.watched.add(name)
            await self._hub.watch(name, entry.mailbox)
        return True

    def unwatch(self, connection_id: str, user_ids: Sequence[UUID]) -> None:
        """Send it no more."""
        entry = self._open.get(connection_id)
        if entry is None:
            return
        for name in {str(user_id) for user_id in user_ids} & entry.watched:
            entry.watched.discard(name)
            self._hub.unwatch(name, entry.mailbox)

    async def run(self) -> None:
        """Keep the connections alive in Redis until cancelled; then take them away there."""
        try:
            while True:
                try:
                    async with asyncio.timeout(REFRESH_S):
                        await self._hub.reopened.wait()
                except TimeoutError:
                    pass
                self._hub.reopened.clear()
                await self._refresh()
        finally:
            for timer in self._timers:
                timer.cancel()
            if self._tasks:
                # Bounded by the guard. Half-made connections to Redis would outlive the loop.
                await asyncio.wait(self._tasks)

    async def _refresh(self) -> None:
        connections = [entry.connected for entry in self._open.values()]
        try:
            await self._guard.call(lambda: self._presence.refresh(connections))
        except RedisAwayError:
            log.warning("presence_not_refreshed", connections=len(connections))

    async def _leave(self, connected: Connected) -> None:
        try:
            await self._guard.call(lambda: self._presence.disconnect(connected))
        except RedisAwayError:
            return
        self._announce_later(connected.user_id)

    async def _announce(self, user_id: str) -> None:
        try:
            await self._guard.call(lambda: self._presence.announce(user_id))
        except RedisAwayError:
            return

    def _announce_later(self, user_id: str) -> None:
        def announce() -> None:
            self._timers.discard(timer)
            self._spawn(self._announce(user_id))

        timer = asyncio.get_running_loop().call_later(FLAP_S, announce)
        self._timers.add(timer)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
