"""What every connection has to be told anew: the own presence, and whose is watched."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from client.connection.connection import Connection
from client.connection.reconnect import Backoff
from client.errors import CommandError
from client.state.changes import Change
from client.state.client_state import ClientState
from protocol.replies import PresencesReply
from protocol.text import Id


class PresenceRequests:
    """Presence and watches end with a connection; what was asked for goes to the next one."""

    def __init__(
        self,
        state: ClientState,
        publish: Callable[[Iterable[Change]], None],
        backoff: Backoff,
    ) -> None:
        self._state = state
        self._publish = publish
        self._backoff = backoff
        self._watched: set[Id] = set()
        self._presence: dict[str, Any] | None = None

    async def watch(self, user_ids: Sequence[Id], connection: Connection | None) -> None:
        """Watches these people, now and on later connections. Raises as `request`."""
        self._watched.update(user_ids)
        if connection is not None:
            await self._watch(connection, list(user_ids))

    async def appear(self, status: str, text: str | None, connection: Connection | None) -> None:
        """Shows the user like this, now and on later connections. Raises as `request`."""
        self._presence = {"status": status, "text": text}
        if connection is not None:
            await connection.request("presence.set", self._presence, msgspec.Raw)

    async def tell(self, connection: Connection) -> None:
        """Tells a new connection all of it. Raises as `request` what is not for now only."""
        while True:
            try:
                if self._presence is not None:
                    await connection.request("presence.set", self._presence, msgspec.Raw)
                if self._watched:
                    await self._watch(connection, sorted(self._watched))
            except CommandError as error:
                if not error.retryable:
                    raise
                await asyncio.sleep(self._backoff.resend_s(error))
            else:
                return

    async def _watch(self, connection: Connection, user_ids: list[Id]) -> None:
        since = self._state.clock

        def applied(reply: PresencesReply) -> None:
            self._state.ephemeral.watched(reply.presences, since)
            self._publish([])

        d = {"user_ids": user_ids}
        await connection.request("presence.watch", d, PresencesReply, applied=applied)
