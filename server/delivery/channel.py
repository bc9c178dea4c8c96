"""One Redis channel as this process receives it: its listeners and the order of its events."""

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
"""Payloads held while a log is read; any more are dropped, and the log is read again."""


@dataclass(slots=True, eq=False)
class Channel:
    """The state of a channel. Its mailboxes are those of connections on this process."""

    kind: Kind
    owner: str
    """The user's or conversation's id."""
    listeners: set[Mailbox] = field(default_factory=set)
    sequencer: Sequencer[BusEvent] = field(default_factory=Sequencer)
    epoch: str = ""
    """The epoch of the log whose entries have arrived; empty if unknown."""
    read_to: tuple[int, int] | None = None
    """Entries up to this one were read from the log, and may arrive again over the channel."""
    waiting: list[bytes] | None = None
    """What arrives while the log is read, after a subscription or a loss; otherwise None."""
    has_overflowed: bool = False
    """More has arrived than may be held: the log has to be read again."""
    is_lost: bool = False
    """Something may be missing: what arrives is held until the log has been read again, even if
    a connection joins meanwhile.
    """
    ahead: dict[bytes, int] = field(default_factory=dict)
    """Conversations that some listener has by its resume up to a rev, which the sequencer has not
    reached yet: name to that rev.
    """
    large: "Membership | None" = None
    """On a user's channel: the user's large conversations; None without any."""

    @property
    def place(self) -> LogPosition:
        """The last position of the log whose entries were all processed."""
        return LogPosition(self.epoch, self.sequencer.place)

    def begin_at(self, place: LogPosition) -> None:
        """Start at this position, with nothing known of the events before it."""
        self.epoch = place.epoch
        self.sequencer = Sequencer(place.entry)
        self.ahead.clear()
        self.read_to = entry_number(place.entry)

    def hearing(self, _rev: int) -> Collection[Mailbox]:
        """The listeners that should receive this rev."""
        return self.listeners

    def lacks(self, _mailbox: Mailbox, _rev: int) -> bool:
        """Whether a listener should receive this rev."""
        return True

    def moved(self) -> None:
        """The sequencer has delivered or skipped something."""
        if self.large is not None:
            self.large.moved.set()

    def is_known(self, place: str) -> bool:
        """Whether this entry was read from the log already."""
        if self.read_to is None or not place:
            return False
        if entry_number(place) <= self.read_to:
            return True
        self.read_to = None
        return False

    def wait(self, payload: bytes) -> bool:
        """Hold a payload if the log is being read; whether it is held."""
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
    """How many users are about to join; it stays subscribed for them."""
    told_to: dict[Mailbox, int] = field(default_factory=dict)
    """Listeners that have events of it by their user's channel, each with the last such rev."""

    def hearing(self, rev: int) -> Collection[Mailbox]:
        """The listeners that did not receive this rev over their user's channel."""
        if not self.told_to:
            return self.listeners
        hearing = [one for one in self.listeners if self.lacks(one, rev)]
        self.told_to = {one: told for one, told in self.told_to.items() if told > rev}
        return hearing

    def lacks(self, mailbox: Mailbox, rev: int) -> bool:
        """Whether it did not receive this rev over its user's channel."""
        return self.told_to.get(mailbox, 0) < rev


@dataclass(slots=True, eq=False)
class Membership:
    """The large conversations of a user, by their ids."""

    joined: set[str] = field(default_factory=set)
    """Those whose own channels the user's connections listen to."""
    entering: dict[str, object] = field(default_factory=dict)
    """Those whose own channels are being joined, each with a mark of that attempt: a user who left
    and came back is not joined by the earlier attempt.
    """
    turns: dict[str, int] = field(default_factory=dict)
    """The rev at which the user joined the conversation's channel, negated if the user left it.
    It identifies outdated events of a slow relay.
    """
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the sequencer of the user's own channel has advanced."""

    def turn(self, conversation_id: str, rev: int, *, is_in: bool) -> bool:
        """Record that the user joined a conversation, or left it, at a rev.

        False if the opposite is recorded for a later rev.
        """
        known = self.turns.get(conversation_id, 0)
        if abs(known) > rev:
            return (known > 0) is is_in
        self.turns[conversation_id] = rev if is_in else -rev
        return True
