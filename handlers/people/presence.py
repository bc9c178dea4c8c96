"""Presence: how the caller shows, and whom the caller watches."""

from collections.abc import Awaitable, Sequence
from typing import Protocol
from uuid import UUID

from handlers.caller import Caller
from handlers.texts import check_line
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from protocol.objects import Presence as Shown
from protocol.replies import Empty, PresencesReply
from protocol.requests import PresenceSet, PresenceWatch
from storage.conversations.audience import Audience
from storage.people.presence import PresenceStore
from storage.redis.guard import RedisAwayError


class Connections(Protocol):
    """What presence needs of the connections of this process."""

    def set_status(self, connection_id: str, status: str, text: str) -> Awaitable[None]:
        """How the user shows on a connection."""

    def watch(self, connection_id: str, user_ids: Sequence[UUID], most: int) -> Awaitable[bool]:
        """Send the presence of these users to a connection; False with more than `most`."""

    def tell_later(self) -> None:
        """Watchers could not be told how somebody shows: they are when Redis is back."""

    def unwatch(self, connection_id: str, user_ids: Sequence[UUID]) -> None:
        """Send it no more."""


class Presence:
    """Shown only between people who both wrote in a common conversation, without a block."""

    def __init__(
        self,
        connections: Connections,
        store: PresenceStore,
        audience: Audience,
        limits: Limits,
    ) -> None:
        self._connections = connections
        self._store = store
        self._audience = audience
        self._limits = limits

    async def set(self, caller: Caller, request: PresenceSet) -> Empty:
        """The caller's status on this connection; invisible on any is offline."""
        text = request.text or ""
        check_line("text", text or None, self._limits.presence_chars)
        await self._connections.set_status(_connection(caller), request.status, text)
        return Empty()

    async def watch(self, caller: Caller, request: PresenceWatch) -> PresencesReply:
        """Watch these users; those whom the caller may not see are left out."""
        connection_id = _connection(caller)
        self._check(request)
        visible = await self._audience.visible(caller.user_id, request.user_ids)
        watched = [user_id for user_id in dict.fromkeys(request.user_ids) if user_id in visible]
        if not await self._connections.watch(connection_id, watched, self._limits.watches):
            raise RequestError.invalid(
                "user_ids",
                f"at most {self._limits.watches} watched at once",
                limit=self._limits.watches,
            )
        return PresencesReply(await self._shown(watched))

    async def unwatch(self, caller: Caller, request: PresenceWatch) -> PresencesReply:
        """Watch them no more."""
        self._check(request)
        self._connections.unwatch(_connection(caller), request.user_ids)
        return PresencesReply([])

    def _check(self, request: PresenceWatch) -> None:
        if len(request.user_ids) > self._limits.watches:
            raise RequestError.invalid(
                "user_ids", f"at most {self._limits.watches}", limit=self._limits.watches
            )

    async def _shown(self, user_ids: Sequence[UUID]) -> list[Shown]:
        try:
            return await self._store.of(user_ids)
        except RedisAwayError:
            self._connections.tell_later()
            return []


def _connection(caller: Caller) -> str:
    if caller.connection_id is None:
        raise RequestError(ErrorCode.CONFLICT, "presence belongs to a WebSocket connection")
    return caller.connection_id
