"""What one device was told of its conversations, judged change by change. Pure.

The client library promises each message as `message.created` once, in the order of the revs at
which they are told: that is the order of their `seq`, but for a message that was fetched and had
been changed meanwhile, which is told at the rev of that change. What a sync leaves out
(`truncated`) and what is owed when a conversation is met anew comes later, by pages of history:
those seqs are `owed`, and may come after newer ones.
"""

from dataclasses import dataclass, field

from msgspec import UNSET

from client.state.changes import Change
from client.state.ranges import Ranges
from loadtests.chaos.judges.violations import Kind, Violations
from protocol.events import ConversationEvent, MemberEvent, MessageEvent
from protocol.objects import Conversation, Message
from protocol.text import Id


@dataclass(slots=True)
class Told:
    """One conversation, as told to one device."""

    floor: int = 0
    """Messages up to here were there when the conversation was met: they need not be told."""
    top: int = 0
    """The highest `seq` told."""
    top_rev: int = 0
    """The highest rev at which a message was told."""
    lives: int = 0
    """How often it was met."""
    is_open: bool = True
    """Whether the user is a member, as far as the device knows."""
    seen: Ranges = field(default_factory=Ranges)
    owed: Ranges = field(default_factory=Ranges)

    def begin(self, floor: int, sure: int) -> None:
        """Met, or met again. What lies between `floor` and `sure` may or may not be told."""
        self.is_open = True
        self.lives += 1
        self.floor = sure
        self.top = floor
        self.owed = Ranges((1, sure))


class DeviceRecord:
    """The judge of one device's changes."""

    def __init__(self, name: str, user_id: Id, violations: Violations) -> None:
        self.name = name
        self.user_id = user_id
        self.told: dict[Id, Told] = {}
        self.delivered = 0
        self.resumed = 0
        self.synced = 0
        """Connections that had to sync, because they were not resumed."""
        self._violations = violations
        self._has_inbox = False

    def take(self, change: Change) -> Message | None:
        """Judges a change; returns the message that was told as created, if it is one."""
        match change.d:
            case MessageEvent(message=message) as event if change.name == "message.created":
                self._created(event, change.origin)
                return message
            case ConversationEvent() as event if change.name == "conversation.created":
                self._begin(event, change.origin)
            case MemberEvent() as left if change.name == "member.left":
                if left.user_id == self.user_id:
                    self._end(left.conversation_id)
            case _:
                self._take_plain(change)
        return None

    def words_on(self, key: Id) -> str:
        """What may explain that this message was not told."""
        told = self.told[key]
        return f"met at {told.floor}, told up to {told.top}, lives {told.lives}"

    def missing(self, key: Id, known: Ranges, top: int) -> Ranges:
        """Of the messages `known`, up to `top`, those that should have been told and were not."""
        told = self.told.get(key)
        missing = Ranges()
        if told is None or not told.is_open:
            return missing
        for low, high in known.within(told.floor + 1, top):
            if not told.seen.covers(low, high):
                missing.add(low, high)
                for seen_low, seen_high in told.seen.within(low, high):
                    missing.remove(seen_low, seen_high)
        return missing

    def _take_plain(self, change: Change) -> None:
        match change.name:
            case "conversation.gone":
                assert change.conversation_id is not None
                self._end(change.conversation_id)
            case "conversation.reset":
                self._note(Kind.LOST, f"{change.conversation_id}: the server is behind the client")
            case "session.opened":
                self.resumed += change.d.resumed
                self.synced += not change.d.resumed
            case "session.synced":
                self._has_inbox = True
            case _:
                pass

    def _begin(self, event: ConversationEvent, origin: str) -> None:
        shown = event.conversation
        told = self.told.setdefault(shown.id, Told())
        if origin != "sync":
            # The object may be newer than the event: what came between them follows as events.
            told.begin(max(0, shown.last_seq - max(0, shown.rev - event.rev)), shown.last_seq)
            return
        floor = shown.last_seq if not self._has_inbox else _read(shown)
        told.begin(floor, floor)
        told.owed.add(floor + 1, shown.last_seq)

    def _end(self, key: Id) -> None:
        self.told.setdefault(key, Told()).is_open = False

    def _created(self, event: MessageEvent, origin: str) -> None:
        self.delivered += 1
        message, seq = event.message, event.message.seq
        told = self.told.setdefault(message.conversation_id, Told())
        if seq in told.seen:
            self._note(
                Kind.DUPLICATED,
                f"{message.conversation_id} seq {seq} told again, lives {told.lives}, {origin}",
            )
            return
        told.seen.add(seq)
        if seq < told.top and seq not in told.owed and event.rev < told.top_rev:
            self._note(Kind.REORDERED, f"{message.conversation_id} seq {seq} told after {told.top}")
        if origin == "sync" and seq > told.top + 1:
            told.owed.add(told.top + 1, seq - 1)
        told.owed.remove(seq, seq)
        told.top = max(told.top, seq)
        told.top_rev = max(told.top_rev, event.rev)

    def _note(self, kind: Kind, words: str) -> None:
        self._violations.note(kind, f"{self.name}: {words}")


def _read(shown: Conversation) -> int:
    return 0 if shown.last_read_seq is UNSET else shown.last_read_seq
