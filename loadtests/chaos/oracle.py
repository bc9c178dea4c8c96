"""What was acknowledged, and what must follow from it. Pure: no I/O, no clock.

A message that was acknowledged exists once, under the id and `seq` of its acknowledgement. Of what
people do to messages, and of who is a member, each thing has one writer at a time: what it is in
the end must be what was acknowledged last, or something whose answer was lost.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from client.ranges import Ranges
from loadtests.chaos.told import DeviceRecord
from loadtests.chaos.violations import Kind, Violations
from protocol.objects import Conversation, Message
from protocol.text import Id


@dataclass(slots=True)
class Acknowledged:
    """What is known of one conversation."""

    seqs: Ranges = field(default_factory=Ranges)
    rev: int = 0
    """The highest that an acknowledgement named."""
    senders: dict[int, Id] = field(default_factory=dict)
    ids: dict[int, Id] = field(default_factory=dict)
    """The message's id by `seq`, as first heard."""


CONTENT = "content"
"""The thing of a message that its sender edits; None once it is deleted."""


class Reaction(NamedTuple):
    """The thing of a message that one person gives and takes back."""

    user_id: Id
    emoji: str


class Member(NamedTuple):
    """The thing of a conversation that leaving and coming back changes."""

    user_id: Id


@dataclass(slots=True)
class _Setting:
    """One thing with one writer: the values that it may have."""

    settled: Hashable
    unanswered: set[Hashable] = field(default_factory=set)

    def allows(self, value: Hashable) -> bool:
        return value == self.settled or value in self.unanswered


class Oracle:
    """Every acknowledged command of a run."""

    def __init__(self, violations: Violations) -> None:
        self.sent = 0
        self.acknowledged = 0
        self.conversations: dict[Id, Acknowledged] = {}
        self._violations = violations
        self._client_ids: dict[Id, Id] = {}
        self._settings: dict[Id, dict[Hashable, _Setting]] = {}
        self._marks: dict[tuple[Id, Id], int] = {}

    # What clients are answered.

    def stored(self, message: Message) -> None:
        """A send was acknowledged."""
        self.acknowledged += 1
        key, seq = message.conversation_id, message.seq
        known = self._client_ids.setdefault(message.client_id, message.id)
        if known != message.id:
            self._note(Kind.DUPLICATED, f"{key}: {message.client_id} stored under two ids")
        self.heard(message)
        place = self.conversations[key]
        if seq in place.seqs:
            self._note(Kind.DUPLICATED, f"{key}: seq {seq} acknowledged twice")
        place.seqs.add(seq)
        place.senders[seq] = message.sender_id
        place.rev = max(place.rev, message.rev)

    def heard(self, message: Message) -> None:
        """Whoever hears of a `seq` hears of one message."""
        place = self.conversations.setdefault(message.conversation_id, Acknowledged())
        if place.ids.setdefault(message.seq, message.id) != message.id:
            self._note(
                Kind.DUPLICATED, f"{message.conversation_id}: two messages at seq {message.seq}"
            )

    def moved(self, key: Id, rev: int) -> None:
        """A change of the conversation was acknowledged with this rev."""
        place = self.conversations.setdefault(key, Acknowledged())
        place.rev = max(place.rev, rev)

    def tries(self, subject: Id, thing: Hashable, before: Hashable, value: Hashable) -> None:
        """`thing` of a subject, `before` if nothing is known of it, is asked to become `value`."""
        things = self._settings.setdefault(subject, {})
        things.setdefault(thing, _Setting(before)).unanswered.add(value)

    def settles(self, subject: Id, thing: Hashable, value: Hashable) -> None:
        """What was tried was acknowledged; unanswered tries may still be carried out after it."""
        setting = self._settings[subject][thing]
        setting.unanswered.discard(value)
        setting.settled = value
        if thing == CONTENT and value is None:
            setting.unanswered.clear()  # nothing changes a tombstone

    def refuses(self, subject: Id, thing: Hashable, value: Hashable) -> None:
        """What was tried was refused for good."""
        self._settings[subject][thing].unanswered.discard(value)

    def read(self, user_id: Id, key: Id, seq: int) -> None:
        """A watermark was acknowledged."""
        self._marks[key, user_id] = max(seq, self._marks.get((key, user_id), 0))

    # What must follow.

    def tops(self) -> dict[Id, tuple[int, int]]:
        """The rev and the highest `seq` acknowledged by now, by conversation."""
        return {
            key: (place.rev, max((high for _, high in place.seqs), default=0))
            for key, place in self.conversations.items()
        }

    def judge_told(self, record: DeviceRecord, key: Id, top: int) -> None:
        """A device that is up to date was told of all that was acknowledged up to `top`."""
        missing = record.missing(key, self.conversations[key].seqs, top)
        for low, high in missing:
            for seq in range(low, high + 1):
                sender = self.conversations[key].senders.get(seq)
                whose = "its own" if sender == record.user_id else "another's"
                words = f"{record.name}: {key} seq {seq}, {whose}, was never told"
                self._note(Kind.LOST, f"{words} ({record.words_on(key)})")
                record.told[key].seen.add(seq)

    def judge_history(self, key: Id, messages: Iterable[Message]) -> None:
        """The whole of a conversation, ascending, as the server has it in the end."""
        place = self.conversations.setdefault(key, Acknowledged())
        seqs = Ranges()
        client_ids: set[Id] = set()
        expected = 1
        for message in messages:
            if message.seq != expected:
                self._note(Kind.LOST, f"{key}: seq {expected} is followed by {message.seq}")
            expected = message.seq + 1
            seqs.add(message.seq)
            if message.client_id in client_ids:
                self._note(Kind.DUPLICATED, f"{key}: {message.client_id} is stored twice")
            client_ids.add(message.client_id)
            self.heard(message)
            self._judge_message(message)
        for low, high in place.seqs:
            for seq in range(low, high + 1):
                if seq not in seqs:
                    self._note(Kind.LOST, f"{key}: acknowledged seq {seq} is not stored")

    def judge_conversation(self, shown: Conversation) -> None:
        """A conversation as the server shows it in the end: its members and their watermarks."""
        marks = {member.user_id: member.last_read_seq for member in shown.participants}
        for (key, user_id), seq in self._marks.items():
            if key == shown.id and user_id in marks and marks[user_id] < seq:
                self._note(Kind.LOST, f"{key}: {user_id} had read {seq}, now {marks[user_id]}")
        for thing, setting in self._settings.get(shown.id, {}).items():
            if isinstance(thing, Member) and not setting.allows(thing.user_id in marks):
                self._note(Kind.LOST, f"{shown.id}: the membership of {thing.user_id}")

    def _judge_message(self, message: Message) -> None:
        for thing, setting in self._settings.get(message.id, {}).items():
            if isinstance(thing, Reaction):
                given = thing.user_id in message.reactions.get(thing.emoji, ())
                if not message.is_deleted and not setting.allows(given):
                    self._note(Kind.LOST, f"{message.id}: the reaction {thing}")
            elif not setting.allows(message.content):
                self._note(Kind.LOST, f"{message.id}: an acknowledged edit or deletion")

    def _note(self, kind: Kind, words: str) -> None:
        self._violations.note(kind, words)
