"""Who types and who is there: what is shown for a moment and ends with the connection. Pure."""

from collections.abc import Iterable

from protocol.objects import Presence
from protocol.text import Id

TYPING_S = 6.0
"""Typing stops by itself after this long."""


class EphemeralState:
    """Typing by conversation, and the presence of those who are watched."""

    def __init__(self) -> None:
        self.presences: dict[Id, Presence] = {}
        self._changed: dict[Id, int] = {}
        """By which clock an event told of them."""
        self._typing: dict[tuple[Id, Id], float] = {}

    def typing_in(self, conversation_id: Id, now: float) -> list[Id]:
        """Who types there at `now` (seconds of any steady clock)."""
        return sorted(
            user_id
            for (place, user_id), until in self._typing.items()
            if place == conversation_id and until > now
        )

    def started(self, conversation_id: Id, user_id: Id, now: float) -> None:
        """Somebody types; forgets those who stopped by themselves."""
        self._typing = {key: until for key, until in self._typing.items() if until > now}
        self._typing[conversation_id, user_id] = now + TYPING_S

    def stopped(self, conversation_id: Id, user_id: Id) -> None:
        """Somebody no longer types, or has sent."""
        self._typing.pop((conversation_id, user_id), None)

    def changed(self, presence: Presence, clock: int) -> None:
        """Somebody shows differently from now on."""
        self.presences[presence.user_id] = presence
        self._changed[presence.user_id] = clock

    def watched(self, presences: Iterable[Presence], since: int) -> None:
        """The answer to a watch that was asked for at the clock `since`."""
        for presence in presences:
            if self._changed.get(presence.user_id, -1) <= since:
                self.presences[presence.user_id] = presence

    def clear(self) -> None:
        """The connection has ended, and with it watches and typing."""
        self.presences.clear()
        self._changed.clear()
        self._typing.clear()
