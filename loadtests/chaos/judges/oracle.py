"""What was acknowledged, and what must follow from it. Pure: no I/O, no clock.

A message that was acknowledged exists once, under the id and `seq` of its acknowledgement. Of what
people do to messages, and of who is a member, each thing has one writer at a time: what it is in
the end must be what was acknowledged last, or something whose answer was lost.
"""

from array import array
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from client.state.ranges import Ranges
from loadtests.chaos.judges.told import DeviceRecord
from loadtests.chaos.judges.violations import Kind, Violations
from protocol.objects import Conversation, Message
from protocol.text import Id

RESENT_MAX = 65_536
"""Acknowledgements within which one message under two ids is found at once; in the end the whole of
each conversation is looked through.
"""


@dataclass(slots=True)
class Acknowledged:
    """What is known of one conversation: of a message a few bytes, for there may be millions."""

    seqs: Ranges = field(default_factory=Ranges)
    rev: int = 0
    """The highest that an acknowledgement named."""
    senders: "array[int]" = field(default_factory=lambda: array("H"))
    """By `seq`, the number of who sent it, from 1."""
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    """By `seq`, the hash of the message's id as first heard; 0 where none was."""


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
    """One thing with one writer: the values that it may have; texts are kept as hashes."""

    thing: Hashable
    settled: Hashable
    unanswered: tuple[Hashable, ...] = ()

    def tries(self, value: Hashable) -> None:
        if _kept(value) not in self.unanswered:
            self.unanswered += (_kept(value),)

    def refuses(self, value: Hashable) -> None:
        self.unanswered = tuple(one for one in self.unanswered if one != _kept(value))

    def allows(self, value: Hashable) -> bool:
        return _kept(value) == self.settled or _kept(value) in self.unanswered


class Oracle:
    """Every acknowledged command of a run."""

    def __init__(self, violations: Violations) -> None:
        self.sent = 0
        self.acknowledged = 0
        self.conversations: dict[Id, Acknowledged] = {}
        self._violations = violations
        self._client_ids: OrderedDict[Id, Id] = OrderedDict()
        self._settings: dict[Id, list[_Setting]] = {}
        self._senders: dict[Id, int] = {}
        self._marks: dict[tuple[Id, Id], int] = {}

    # What clients are answered.

    def stored(self, message: Message) -> None:
        """A send was acknowledged."""
        self.acknowledged += 1
        key, seq = message.conversation_id, message.seq
        known = self._client_ids.setdefault(message.client_id, message.id)
        if known != message.id:
            self._note(Kind.DUPLICATED, f"{key}: {message.client_id} stored under two ids")
        if len(self._client_ids) > RESENT_MAX:
            self._client_ids.popitem(last=False)
        self.heard(message)
        place = self.conversations[key]
        if seq in place.seqs:
            self._note(Kind.DUPLICATED, f"{key}: seq {seq} acknowledged twice")
        place.seqs.add(seq)
        sender = self._senders.setdefault(message.sender_id, len(self._senders) + 1)
        _put(place.senders, seq, sender)
        place.rev = max(place.rev, message.rev)

    def heard(self, message: Message) -> None:
        """Whoever hears of a `seq` hears of one message."""
        place = self.conversations.setdefault(message.conversation_id, Acknowledged())
        name = hash(message.id) or 1
        if _at(place.ids, message.seq) == 0:
            _put(place.ids, message.seq, name)
        elif place.ids[message.seq] != name:
            self._note(
                Kind.DUPLICATED, f"{message.conversation_id}: two messages at seq {message.seq}"
            )

    def moved(self, key: Id, rev: int) -> None:
        """A change of the conversation was acknowledged with this rev."""
        place = self.conversations.setdefault(key, Acknowledged())
        place.rev = max(place.rev, rev)

    def tries(self, subject: Id, thing: Hashable, before: Hashable, value: Hashable) -> None:
        """`thing` of a subject, `before` if nothing is known of it, is asked to become `value`."""
        setting = self._setting(subject, thing)
        if setting is None:
            setting = _Setting(thing, _kept(before))
            self._settings.setdefault(subject, []).append(setting)
        setting.tries(value)

    def settles(self, subject: Id, thing: Hashable, value: Hashable) -> None:
        """What was tried was acknowledged; unanswered tries may still be carried out after it."""
        setting = self._setting(subject, thing)
        assert setting is not None
        setting.refuses(value)
        setting.settled = _kept(value)
        if thing == CONTENT and value is None:
            setting.unanswered = ()  # nothing changes a tombstone

    def refuses(self, subject: Id, thing: Hashable, value: Hashable) -> None:
        """What was tried was refused for good."""
        setting = self._setting(subject, thing)
        assert setting is not None
        setting.refuses(value)

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
                sender = _at(self.conversations[key].senders, seq)
                is_own = sender == self._senders.get(record.user_id)
                whose = "its own" if is_own else "another's"
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
        for setting in self._settings.get(shown.id, ()):
            thing = setting.thing
            if isinstance(thing, Member) and not setting.allows(thing.user_id in marks):
                self._note(Kind.LOST, f"{shown.id}: the membership of {thing.user_id}")

    def _judge_message(self, message: Message) -> None:
        for setting in self._settings.get(message.id, ()):
            thing = setting.thing
            if isinstance(thing, Reaction):
                given = thing.user_id in message.reactions.get(thing.emoji, ())
                if not message.is_deleted and not setting.allows(given):
                    self._note(Kind.LOST, f"{message.id}: the reaction {thing}")
            elif not setting.allows(message.content):
                self._note(Kind.LOST, f"{message.id}: an acknowledged edit or deletion")

    def _setting(self, subject: Id, thing: Hashable) -> _Setting | None:
        settings = self._settings.get(subject, ())
        return next((setting for setting in settings if setting.thing == thing), None)

    def _note(self, kind: Kind, words: str) -> None:
        self._violations.note(kind, words)


def _kept(value: Hashable) -> Hashable:
    return hash(value) if isinstance(value, str) else value


def _at(values: "array[int]", place: int) -> int:
    return values[place] if place < len(values) else 0


def _put(values: "array[int]", place: int, value: int) -> None:
    if place >= len(values):
        values.extend([0] * (place + 1 - len(values)))
    values[place] = value
