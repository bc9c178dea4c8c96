"""Publishes who is typing, which is not stored."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from protocol.bus import BusEvent, pack
from protocol.events import TypingEvent
from storage.bus.publisher import EPHEMERAL, Publisher, to_each

_encode = msgspec.json.Encoder().encode


class TypingPublisher:
    """Publishes events that recipients may miss; without Redis they are dropped."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def typing(
        self,
        ev: Literal["typing.started", "typing.stopped"],
        conversation_id: UUID,
        user_id: UUID,
        audience: Sequence[UUID],
    ) -> None:
        """`user_id` has started or stopped typing in the conversation."""
        d = _encode(TypingEvent(str(conversation_id), str(user_id)))
        event = BusEvent(ev.encode(), b"", str(conversation_id).encode(), d=d)
        self._publisher.publish([to_each(map(str, audience), EPHEMERAL, pack(event))])
