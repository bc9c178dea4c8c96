"""One channel of Redis as this process hears it: who listens, and what has arrived."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from protocol.bus import BusEvent
from protocol.sequencer import Sequencer
from server.mailbox import Mailbox, entry_number
from storage.eventlog import Place

Kind = Literal["user", "conversation", "watch"]

WAITING_MAX = 4096
"""Payloads that wait for a log to be read; past it they are dropped, and the log is read again."""


SENT_MAX = 16
"""Own messages that are kept for the beginning of a conversation's order; others are fetched."""


@dataclass(slots=True, eq=False)
class Channel:
    """The state of a channel. Its mailboxes are those of connections on this process."""

    kind: Kind
    owner: str
    """The user's or conversation's id."""
    listeners: set[Mailbox] = field(default_factory=set)
    sequencer: Sequencer[BusEvent | None] = field(default_factory=Sequencer)
    epoch: str = ""
    """Of the log whose entries have arrived; empty where none is known."""
    read_to: tuple[int, int] | None = None
    """Entries up to this one came by reading the log, and may come once more by the channel."""
    waiting: list[bytes] | None = None
    """What arrives while the log is read, at the beginning and after a loss; else None."""
    has_overflowed: bool = False
    """More has arrived than may wait: the log is to be read again."""
    large: set[str] = field(default_factory=set)
    """Of a user: the conversations whose own channels the listeners have joined."""
    holds: int = 0
    """Of a conversation: how many users are about to join it; it stays open for them."""
    entering: dict[str, object] = field(default_factory=dict)
    """Of a user: the conversations whose own channels are being joined, each with the mark of the
    latest coming in: who left and came back is not joined by the earlier one.
    """
    routes: dict[str, int] = field(default_factory=dict)
    """Of a user: by conversation the rev at which its own channel became the user's, negated where
    it ceased to be. What is told late, by a relay that was slower than another, is known by it.
    """
    sent: dict[bytes, list[tuple[int, bytes]]] = field(default_factory=dict)
    """Of a user: the revs and eids of own messages to conversations whose order has not begun."""
    told_to: dict[Mailbox, int] = field(default_factory=dict)
    """Of a conversation: what some listeners have been told of it by their user's channel."""

    @property
    def place(self) -> Place:
        """Where the log has been followed to."""
        return Place(self.epoch, self.sequencer.place)

    def begin_at(self, place: Place) -> None:
        """Nothing that came before is known here: its order, too, begins anew."""
        self.epoch = place.epoch
        self.sequencer = Sequencer(place.entry)
        self.sent.clear()
        self.read_to = entry_number(place.entry)

    def note_sent(self, conversation_id: bytes, rev: int, eid: bytes) -> None:
        """Keep for the order's beginning what a connection has by its reply."""
        sent = self.sent.setdefault(conversation_id, [])
        sent.append((rev, eid))
        del sent[:-SENT_MAX]

    def turn(self, conversation_id: str, rev: int, *, is_in: bool) -> bool:
        """Note that the user is in a conversation, or left it, as of a rev.

        False when the opposite is known of a later one.
        """
        known = self.routes.get(conversation_id, 0)
        if abs(known) > rev:
            return (known > 0) is is_in
        self.routes[conversation_id] = rev if is_in else -rev
        return True

    def hearing(self, rev: int) -> Collection[Mailbox]:
        """The listeners that have not been told of this rev."""
        if not self.told_to:
            return self.listeners
        hearing = [one for one in self.listeners if self.told_to.get(one, 0) < rev]
        self.told_to = {one: told for one, told in self.told_to.items() if told > rev}
        return hearing

    def is_known(self, place: str) -> bool:
        """Whether this entry came by the log already."""
        if self.read_to is None or not place:
            return False
        if entry_number(place) <= self.read_to:
            return True
        self.read_to = None
        return False

    def wait(self, payload: bytes) -> bool:
        """Keep a payload for later if the log is being read."""
        if self.waiting is None:
            return False
        if len(self.waiting) < WAITING_MAX:
            self.waiting.append(payload)
        else:
            self.has_overflowed = True
        return True
