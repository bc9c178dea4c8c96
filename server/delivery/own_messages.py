"""Which connections here have messages by their replies, or will have.

A writer tells of a message together with the connection that sent it. The relay, and a gap that is
fetched, know of no connection: they tell of a message whose publishing failed or whose commit was
not heard of, perhaps before its reply. The connection that sent it must not be told all the same,
unless it was refused: then no reply says that it is stored.
"""

from uuid import UUID

import orjson

from protocol.bus import BusEvent

KEPT = 16_384
"""Up to twice as many of the latest messages are known; an older one is told to its sender too."""


class OwnMessages:
    """The latest messages that connections of this process have sent, by client id."""

    def __init__(self) -> None:
        self._latest: dict[UUID, str] = {}
        self._before: dict[UUID, str] = {}
        self._withheld: dict[UUID, None] = {}

    def sent(self, client_id: UUID, origin: str) -> None:
        """A connection sends a message. One that sends it again may be told of it as well."""
        self._latest.setdefault(client_id, self._before.get(client_id, origin))
        if len(self._latest) >= KEPT:
            self._latest, self._before = {}, self._latest

    def attributed(self, event: BusEvent) -> BusEvent:
        """The event; of a new message with the connection that has the reply instead."""
        if event.ev != b"message.created" or event.origin:
            return event
        client_id = UUID(orjson.loads(event.d)["message"]["client_id"])
        origin = self._latest.get(client_id) or self._before.get(client_id)
        if not origin:
            return event
        self._withheld[client_id] = None
        if len(self._withheld) > KEPT:
            del self._withheld[next(iter(self._withheld))]
        return event._replace(origin=origin.encode())

    def refused(self, client_id: UUID, origin: str) -> bool:
        """The connection that sent it has no reply: it is told from now on.

        Returns whether something was withheld from it before.
        """
        if self._latest.get(client_id, self._before.get(client_id)) != origin:
            return False
        for sent in (self._latest, self._before):
            sent.pop(client_id, None)
        return self._withheld.pop(client_id, self) is None
