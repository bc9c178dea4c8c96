"""Who is still to receive which message: how send to received is measured, and what was lost.

Senders and receivers are in one process and share its clock. Pure: times are given.
"""

from collections.abc import Iterable

import msgspec


class Lost(msgspec.Struct, frozen=True):
    """A message that one receiver did not get in time."""

    client_id: str
    scenario: str


class _Sent(msgspec.Struct):
    at: float
    scenario: str
    receivers: set[str]


class Expected:
    """Messages under way, by `client_id`; receivers are named by their connection."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Sent] = {}

    def sent(self, client_id: str, scenario: str, receivers: Iterable[str], now: float) -> None:
        """From now on these are to receive it."""
        names = set(receivers)
        if names:
            self._under_way[client_id] = _Sent(now, scenario, names)

    def received(self, client_id: str, receiver: str, now: float) -> float | None:
        """Seconds since it was sent; None when this receiver is not, or no longer, to have it."""
        sent = self._under_way.get(client_id)
        if sent is None or receiver not in sent.receivers:
            return None
        sent.receivers.remove(receiver)
        if not sent.receivers:
            del self._under_way[client_id]
        return now - sent.at

    def refused(self, client_id: str) -> None:
        """It was not taken: nobody receives it."""
        self._under_way.pop(client_id, None)

    def left(self, receiver: str) -> None:
        """This connection has ended and receives nothing more."""
        for client_id, sent in list(self._under_way.items()):
            sent.receivers.discard(receiver)
            if not sent.receivers:
                del self._under_way[client_id]

    def awaits(self, receivers: Iterable[str]) -> bool:
        """Whether one of these is still to receive something."""
        asked = set(receivers)
        return any(asked & sent.receivers for sent in self._under_way.values())

    def overdue(self, now: float, patience_s: float) -> list[Lost]:
        """What was sent longer ago and not received, once for each receiver; it is given up."""
        late = [
            (client_id, sent)
            for client_id, sent in self._under_way.items()
            if now - sent.at > patience_s
        ]
        for client_id, _sent in late:
            del self._under_way[client_id]
        return [Lost(client_id, sent.scenario) for client_id, sent in late for _ in sent.receivers]
