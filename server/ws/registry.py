"""The connections of this process: registered in Redis, refreshed there, removed at the end."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from protocol.errors import TOO_MANY_CONNECTIONS, Disconnect
from server.connection.mailbox import Mailbox
from server.delivery.hub import Hub
from storage.people.presence import Connected, PresenceStore, kept
from storage.redis.guard import RedisAwayError

log = structlog.get_logger()

REFRESH_S = 10.0
RETRY_S = 1.0
FLAP_S = 5.0
"""A user who reconnects within this time is not shown as offline."""
DUE_S = 0.1
"""Added, since by Redis' clock the time may end a little later."""
SWEEP_S = 2.0
SWEEP_MOST = 100
SETTLED_S = 12.0
"""By this time after an outage of Redis all processes have registered their connections again: it
may have come back with an old state, in which connected users look offline."""
LEFT_MOST = 10_000
"""Connections closed while Redis is away that are removed afterwards; others expire."""
DEAF_MS = 30_000
"""A broken subscription is noticed within this time."""


@dataclass(slots=True)
class _Open:
    connected: Connected
    mailbox: Mailbox
    is_admitted: bool = False
    """Until then it must not be refreshed in Redis."""
    watched: set[str] = field(default_factory=set)


class Registry:
    """Opens and closes connections, and publishes the presence of their users.

    Without Redis connections open and close as usual, but presence is dropped, and the limit of
    connections holds only within this process.
    """

    def __init__(self, hub: Hub, presence: PresenceStore, most_per_user: int) -> None:
        self._hub = hub
        self._presence = presence
        self._most_per_user = most_per_user
        self._open: dict[str, _Open] = {}
        self._of_user: dict[str, int] = {}
        self._left: dict[str, Connected] = {}
        """Closed while Redis was away: removed there when it is back."""
        self._timers: set[asyncio.TimerHandle] = set()
        self._is_behind = True
        """Redis may lack some of the connections, or have old ones."""
        self._is_deaf = True
        """Presence events may not have arrived here."""
        self._settled_at = 0.0
        self._heard_ms: int | None = None
        """Redis' time up to which all presence events arrived; None while nobody watches."""
        self._missed: tuple[int, int] | None = None
        """The time span whose presence events may be missing; sent again at `_retold_at`."""
        self._retold_at = 0.0

    def __len__(self) -> int:
        return len(self._open)

    async def open(self, user_id: UUID, mailbox: Mailbox) -> None:
        """Register a connection of this user.

        Opened again, after a hello that was refused later on, it counts once. Raises `Disconnect`
        when the user has too many connections.
        """
        self._forget(mailbox.connection_id)
        connected = Connected(str(user_id), mailbox.connection_id)
        count = self._of_user.get(connected.user_id, 0)
        if count >= self._most_per_user:
            raise Disconnect(TOO_MANY_CONNECTIONS)
        self._of_user[connected.user_id] = count + 1
        entry = self._open[mailbox.connection_id] = _Open(connected, mailbox)
        try:
            is_admitted = await self._presence.connect(connected, self._most_per_user)
        except RedisAwayError:
            is_admitted = self._is_behind = True
        except asyncio.CancelledError:
            self._leave(connected)
            raise
        if not is_admitted:
            raise Disconnect(TOO_MANY_CONNECTIONS)
        entry.is_admitted = True

    def close(self, connection_id: str) -> None:
        """Forget a connection, if it was opened."""
        gone = self._forget(connection_id)
        if gone is not None and gone.is_admitted:
            self._leave(gone.connected)

    def _forget(self, connection_id: str) -> _Open | None:
        gone = self._open.pop(connection_id, None)
        if gone is None:
            return None
        user_id = gone.connected.user_id
        self._of_user[user_id] -= 1
        if not self._of_user[user_id]:
            del self._of_user[user_id]
        self._hub.listeners.leave(user_id, gone.mailbox)
        for watched in gone.watched:
            self._hub.listeners.unwatch(watched, gone.mailbox)
        return gone

    async def set_status(self, connection_id: str, status: str, text: str) -> None:
        """Set the user's presence on this connection; does nothing if the connection has ended."""
        entry = self._open.get(connection_id)
        if entry is None:
            return
        entry.connected.status, entry.connected.text = status, text
        try:
            await self._presence.refresh([entry.connected], announce=True)
        except RedisAwayError:
            return

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
        fresh = names - entry.watched
        entry.watched |= fresh
        await asyncio.gather(*(self._hub.listeners.watch(name, entry.mailbox) for name in fresh))
        if not self._hub.listeners.is_connected:
            self.tell_later()
        elif self._heard_ms is None:
            self._heard_ms = 0
        if self._open.get(connection_id) is not entry:
            for name in fresh:
                self._hub.listeners.unwatch(name, entry.mailbox)
        return True

    def tell_later(self) -> None:
        """Presence could not be sent to a watcher: it is sent when Redis is back."""
        self._is_behind = self._is_deaf = True
        self._heard_ms = 0

    def unwatch(self, connection_id: str, user_ids: Sequence[UUID]) -> None:
        """Stop sending it."""
        entry = self._open.get(connection_id)
        if entry is None:
            return
        for name in {str(user_id) for user_id in user_ids} & entry.watched:
            entry.watched.discard(name)
            self._hub.listeners.unwatch(name, entry.mailbox)

    async def run(self) -> None:
        """Keep the connections alive in Redis until cancelled."""
        try:
            while True:
                await self._until_due()
                await self._refresh()
                await self._retell()
        finally:
            for timer in self._timers:
                timer.cancel()

    async def sweep(self) -> None:
        """Publish until cancelled that users are offline whose connections have expired."""
        loop = asyncio.get_running_loop()
        while True:
            # Processes that began together must not all do it at once.
            await asyncio.sleep(SWEEP_S * random.uniform(0.5, 1.5))  # noqa: S311  # no secret
            if not self._is_settled(loop.time()):
                continue
            try:
                gone = await self._presence.sweep(SWEEP_MOST)
            except RedisAwayError:
                continue
            if gone:
                log.info("ghosts_announced", users=gone)

    def _is_settled(self, now: float) -> bool:
        """Whether the state in Redis is complete: users that look offline there are offline."""
        is_back = not self._hub.reopened.is_set() and not self._is_behind
        return self._hub.listeners.is_connected and is_back and now >= self._settled_at

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + REFRESH_S
        while loop.time() < end:
            try:
                async with asyncio.timeout(min(RETRY_S, REFRESH_S)):
                    await self._hub.reopened.wait()
            except TimeoutError:
                if self._is_behind or self._missed is not None:
                    return
            else:
                self._hub.reopened.clear()
                self._is_behind = self._is_deaf = True
                return

    async def _refresh(self) -> None:
        for connected in list(self._left.values()):
            self._leave(connected)
        connections = [entry.connected for entry in self._open.values() if entry.is_admitted]
        was_behind, was_deaf = self._is_behind, self._is_deaf
        self._is_behind = self._is_deaf = False
        try:
            found = kept(await self._presence.refresh(connections, announce=was_behind))
        except RedisAwayError:
            self._is_behind, self._is_deaf = True, was_deaf or self._is_deaf
            log.warning("presence_not_refreshed", connections=len(connections))
            return
        loop = asyncio.get_running_loop()
        if was_behind:
            self._settled_at = loop.time() + SETTLED_S
        if was_deaf and self._heard_ms is not None:
            earlier = self._heard_ms if self._missed is None else self._missed[0]
            self._missed = (min(earlier, self._heard_ms), found.now_ms)
            self._retold_at = loop.time() + FLAP_S
        elif connections and self._hub.listeners.is_connected:
            self._heard_ms = found.now_ms - DEAF_MS
        if found.lost:
            # Redis was emptied, or our entries have expired: refresh all again.
            self._is_behind = self._is_deaf = True

    async def _retell(self) -> None:
        """Send watchers here the changes that they may have missed."""
        if self._missed is None or asyncio.get_running_loop().time() < self._retold_at:
            return
        watched = set[str]().union(*(entry.watched for entry in self._open.values()))
        try:
            await self._presence.retell(watched, *self._missed)
        except RedisAwayError:
            return
        self._missed = None

    def _leave(self, connected: Connected) -> None:
        if len(self._left) < LEFT_MOST:
            self._left[connected.connection_id] = connected
        told = self._presence.leave(connected, FLAP_S)
        told.add_done_callback(partial(self._has_left, connected))

    def _has_left(self, connected: Connected, told: "asyncio.Future[Any]") -> None:
        if told.cancelled() or told.exception() is not None:
            self._is_behind = True
            return
        self._left.pop(connected.connection_id, None)

        def announce() -> None:
            self._timers.discard(timer)
            self._presence.announce(connected.user_id)

        timer = asyncio.get_running_loop().call_later(FLAP_S + DUE_S, announce)
        self._timers.add(timer)
