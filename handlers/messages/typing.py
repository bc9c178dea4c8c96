"""Typing: shown to those who may see it, stopped by itself, and at the connection's end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from handlers.caller import Caller
from protocol.replies import Empty
from protocol.requests import Typing as TypingRequest
from storage.bus.typing import TypingPublisher
from storage.conversations.audience import Audience

STOPS_AFTER_S = 6.0

_Key = tuple[str, UUID, UUID]
"""The connection (empty over HTTP), the user and the conversation."""


@dataclass(frozen=True, slots=True)
class _Started:
    audience: Sequence[UUID]
    stop: asyncio.TimerHandle


class Typing:
    """Nothing of it is kept anywhere but in the process of the typist's connection."""

    def __init__(self, audience: Audience, publisher: TypingPublisher) -> None:
        self._audience = audience
        self._publisher = publisher
        self._started: dict[_Key, _Started] = {}

    async def start(self, caller: Caller, request: TypingRequest) -> Empty:
        """The caller types; said again within 6 s it goes on without a new event."""
        audience = await self._audience.typing(request.conversation_id, caller.user_id)
        key = (caller.connection_id or "", caller.user_id, request.conversation_id)
        before = self._started.pop(key, None)
        if before is not None:
            before.stop.cancel()
        if audience:
            stop = asyncio.get_running_loop().call_later(STOPS_AFTER_S, self._stop, key)
            self._started[key] = _Started(audience, stop)
            if before is None:
                self._publisher.typing("typing.started", key[2], key[1], audience)
        return Empty()

    async def stop(self, caller: Caller, request: TypingRequest) -> Empty:
        """The caller types no more."""
        await self._audience.typing(request.conversation_id, caller.user_id)
        self._stop((caller.connection_id or "", caller.user_id, request.conversation_id))
        return Empty()

    def ended(self, connection_id: str) -> None:
        """The connection is gone, and its typing with it."""
        for key in [key for key in self._started if key[0] == connection_id]:
            self._stop(key)

    def _stop(self, key: _Key) -> None:
        started = self._started.pop(key, None)
        if started is not None:
            started.stop.cancel()
            self._publisher.typing("typing.stopped", key[2], key[1], started.audience)
