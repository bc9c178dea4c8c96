"""What is shown for a moment and kept nowhere: who types."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from protocol.bus import BusEvent, pack
from protocol.events import TypingEvent
from storage.bus.publisher import EPHEMERAL, Publisher, to_each

_encode = msgspec.json.Encoder().encode


class TypingPublisher:
    """Tells people something that they may as well miss; with Redis away they do."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def typing(
        self,
        ev: Literal["typing.started", "typing.stopped"],
        conversation_id: UUID,
        user_id: UUID,
        audience: Sequence[UUID],
    ) -> None:
        """`user_id` types in the conversation, or no longer."""
        d = _encode(TypingEvent(str(conversation_id), str(user_id)))
        event = BusEvent(ev.encode(), b"", str(conversation_id).encode(), d=d)
        self._publisher.publish([to_each(map(str, audience), EPHEMERAL, pack(event))])
