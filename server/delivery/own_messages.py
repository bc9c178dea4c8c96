"""Which connections of this process have sent which messages.

A writer publishes a message together with its sender's connection. The relay and the gap filler
do not know the connection. They deliver messages whose publishing failed or whose commit was not
confirmed, perhaps before the reply. The sender's connection must not get the event as well as the
reply, unless the send was refused: then no reply says that the message is stored.
"""

from uuid import UUID

import orjson

from protocol.bus import BusEvent

KEPT = 16_384
"""Up to twice as many recent messages are kept; an older one is sent to its sender too."""


class OwnMessages:
    """The latest messages that connections of this process have sent, by client id."""

    def __init__(self) -> None:
        self._latest: dict[UUID, str] = {}
        self._before: dict[UUID, str] = {}
        self._withheld: dict[UUID, None] = {}

    def sent(self, client_id: UUID, origin: str) -> None:
        """A connection sends a message. Another one that repeats it may get the event as well."""
        self._latest.setdefault(client_id, self._before.get(client_id, origin))
        if len(self._latest) >= KEPT:
            self._latest, self._before = {}, self._latest

    def attributed(self, event: BusEvent) -> BusEvent:
        """The event, for a new message with its sender's connection as `origin`."""
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
        """The send was refused: its connection gets the event from now on.

        Returns whether the event was withheld from it before.
        """
        if self._latest.get(client_id, self._before.get(client_id)) != origin:
            return False
        for sent in (self._latest, self._before):
            sent.pop(client_id, None)
        return self._withheld.pop(client_id, self) is None
