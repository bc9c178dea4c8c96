"""One channel of Redis as this process hears it: who listens, and what has arrived."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from protocol.bus import BusEvent
from protocol.sequencer import Sequencer
from server.connection.mailbox import Mailbox, entry_number
from storage.bus.event_log import LogPosition

Kind = Literal["user", "conversation", "watch"]

WAITING_MAX = 4096
"""Payloads that wait for a log to be read; past it they are dropped, and the log is read again."""


@dataclass(slots=True, eq=False)
class Channel:
    """The state of a channel. Its mailboxes are those of connections on this process."""

    kind: Kind
    owner: str
    """The user's or conversation's id."""
    listeners: set[Mailbox] = field(default_factory=set)
    sequencer: Sequencer[BusEvent] = field(default_factory=Sequencer)
    epoch: str = ""
    """Of the log whose entries have arrived; empty where none is known."""
    read_to: tuple[int, int] | None = None
    """Entries up to this one came by reading the log, and may come once more by the channel."""
    waiting: list[bytes] | None = None
    """What arrives while the log is read, at the beginning and after a loss; else None."""
    has_overflowed: bool = False
    """More has arrived than may wait: the log is to be read again."""
    is_lost: bool = False
    """Something may be missing: what arrives waits until the log has been read again, whoever joins
    meanwhile.
    """
    ahead: dict[bytes, int] = field(default_factory=dict)
    """Conversations of which a listener was told more as it resumed than the order here has let
    through: up to which rev.
    """
    large: "Membership | None" = None
    """Of a user: the large conversations that the user is in; None without any."""

    @property
    def place(self) -> LogPosition:
        """Where the log has been followed to."""
        return LogPosition(self.epoch, self.sequencer.place)

    def begin_at(self, place: LogPosition) -> None:
        """Nothing that came before is known here: its order, too, begins anew."""
        self.epoch = place.epoch
        self.sequencer = Sequencer(place.entry)
        self.ahead.clear()
        self.read_to = entry_number(place.entry)

    def hearing(self, _rev: int) -> Collection[Mailbox]:
        """The listeners that are to be told of this rev."""
        return self.listeners

    def lacks(self, _mailbox: Mailbox, _rev: int) -> bool:
        """Whether a listener is to be told of this rev."""
        return True

    def moved(self) -> None:
        """Something has been let through, or given up."""
        if self.large is not None:
            self.large.moved.set()

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


@dataclass(slots=True, eq=False)
class LargeChannel(Channel):
    """The channel of a conversation of more than 32 people."""

    users: int = 0
    """How many users are about to join it; it stays open for them."""
    told_to: dict[Mailbox, int] = field(default_factory=dict)
    """What some listeners have been told of it by their user's channel, as a rev."""

    def hearing(self, rev: int) -> Collection[Mailbox]:
        """The listeners that have not been told of this rev by their user's channel."""
        if not self.told_to:
            return self.listeners
        hearing = [one for one in self.listeners if self.lacks(one, rev)]
        self.told_to = {one: told for one, told in self.told_to.items() if told > rev}
        return hearing

    def lacks(self, mailbox: Mailbox, rev: int) -> bool:
        """Whether it has not been told of this rev by its user's channel."""
        return self.told_to.get(mailbox, 0) < rev


@dataclass(slots=True, eq=False)
class Membership:
    """A user in large conversations, by their ids."""

    joined: set[str] = field(default_factory=set)
    """Those whose own channels the user's connections listen to."""
    entering: dict[str, object] = field(default_factory=dict)
    """Those whose own channels are being joined, each with the mark of the latest entry: who left
    and came back is not joined by the earlier one.
    """
    turns: dict[str, int] = field(default_factory=dict)
    """The rev at which the conversation's channel became the user's, negated where it ceased to be.
    What a slow relay tells late is known by it.
    """
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the order of the user's own channel has moved."""

    def turn(self, conversation_id: str, rev: int, *, is_in: bool) -> bool:
        """Note that the user is in a conversation, or left it, as of a rev.

        False when the opposite is known of a later one.
        """
        known = self.turns.get(conversation_id, 0)
        if abs(known) > rev:
            return (known > 0) is is_in
        self.turns[conversation_id] = rev if is_in else -rev
        return True
