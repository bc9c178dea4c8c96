"""One conversation as this client holds it. Pure: events, objects and pages in, state out.

The rules are those of docs/protocol.md, "The client's algorithm":

- `rev` is the revision held: everything up to it has been applied. A change from `prev_rev` to
  `rev` applies when prev_rev <= held < rev, is dropped when rev <= held, and waits otherwise.
- Messages are whole; of two states of one message the greater `rev` wins.
- `loaded` are the `seq`s whose messages are at hand and follow every change; the rest is on the
  server, to be asked for by history.
- Unread is last_seq - read_seq less the tombstones above.
- Archived is up to a message: a newer one brings it back unless it is muted, an own one always.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET

from client.state.changes import Revised
from client.state.ranges import Ranges
from protocol.events import ConversationEvent, MemberEvent, MessageEvent
from protocol.objects import Conversation, Message, Participant
from protocol.text import Id, Time

MAX_WAITING = 512
"""Changes that wait for a gap to close; past it they are dropped and fetched by sync."""
MAX_REPLIED = 256
"""Parents not at hand whose replies are remembered, for a page of history under way meanwhile."""


@dataclass(slots=True)
class Tombstones:
    """Deleted messages above the own watermark."""

    known: dict[int, int] = field(default_factory=dict)
    """By `seq`, with the message's `rev`."""
    hidden: int = 0
    """How many more there are, by the server's own figure at the revision `hidden_rev`."""
    hidden_rev: int = 0


class ConversationState:
    """A conversation: what is shared, what is the viewer's own, and the messages at hand."""

    def __init__(self, shown: Conversation, me: Id, *, rev: int, born: int) -> None:
        """Begins with what `shown` says, as if every change up to `rev` had been applied."""
        self.me = me
        self.born = born
        """The clock when it began: what was asked before is about an earlier life."""
        self.shown = shown
        self.rev = rev
        self.held_seq = max(0, shown.last_seq - max(0, shown.rev - rev))
        """No message up to this `seq` is still to come by an event."""
        self.last_seq = shown.last_seq
        self.last_message = shown.last_message
        self.participants: dict[Id, Participant] = {p.user_id: p for p in shown.participants}
        self.read_seq = 0
        self.is_muted = False
        self.archived_seq: int | None = None
        """The last message when it was archived, as far as is known; None where it is not."""
        self.own_seq = 0
        """The last own message that is known."""
        self.is_pinned = False
        self.settings_at = -1
        self.messages: dict[Id, Message] = {}
        self.by_seq: dict[int, Id] = {}
        self.loaded = Ranges()
        self.told = Ranges((1, self.held_seq))
        """The `seq`s that were there at the beginning or have been told as created."""
        self.waiting: dict[int, Revised] = {}
        self.has_overflowed = False
        self.cut_at = -1
        self.cut_before = 0
        self.tombstones = Tombstones()
        self._replied: OrderedDict[Id, list[tuple[int, Time]]] = OrderedDict()
        self._adopt_own(shown, since=born)

    # What a user of the state reads.

    @property
    def unread(self) -> int:
        """Messages above the own watermark that are not deleted."""
        span = self.last_seq - self.read_seq
        known = sum(1 for seq in self.tombstones.known if seq <= self.last_seq)
        is_exact = self.loaded.covers(self.read_seq + 1, self.last_seq)
        return max(0, span - known - (0 if is_exact else self.tombstones.hidden))

    @property
    def is_archived(self) -> bool:
        """Whether it is put away: until somebody else writes, or for good if it is muted."""
        if self.archived_seq is None or self.own_seq > self.archived_seq:
            return False
        return self.is_muted or self.archived_seq >= self.last_seq

    @property
    def is_gapped(self) -> bool:
        """Whether an event waits for changes that are missing."""
        return any(change.origin == "event" for change in self.waiting.values())

    def view(self) -> Conversation:
        """The conversation as an object, as the server would show it."""
        last = self.last_message
        return msgspec.structs.replace(
            self.shown,
            participants=list(self.participants.values()),
            last_seq=self.last_seq,
            rev=self.rev,
            last_message=last,
            last_message_at=self.shown.last_message_at if last is None else last.created_at,
            last_read_seq=self.read_seq,
            unread=self.unread,
            is_muted=self.is_muted,
            is_archived=self.is_archived,
            is_pinned=self.is_pinned,
        )

    def history(self, low: int = 1, high: int | None = None) -> list[Message]:
        """The messages at hand from `low` to `high`, ascending by `seq`."""
        top = self.last_seq if high is None else high
        seqs = (seq for a, b in self.loaded.within(low, top) for seq in range(a, b + 1))
        return [self.messages[self.by_seq[seq]] for seq in seqs]

    # Changes in rev order.

    def offer(self, change: Revised) -> list[Revised]:
        """Takes a change; returns those that now applied, in `rev` order."""
        if change.rev <= self.rev:
            return []
        if change.prev_rev > self.rev:
            self._wait(change)
            return []
        self._apply(change)
        return [change, *self.drain()]

    def drain(self) -> list[Revised]:
        """Applies the waiting changes that follow on by now."""
        applied = []
        for rev in sorted(self.waiting):
            change = self.waiting[rev]
            if change.prev_rev > self.rev:
                break
            del self.waiting[rev]
            if rev > self.rev:
                self._apply(change)
                applied.append(change)
        return applied

    def advance(self, rev: int, held_seq: int) -> list[Revised]:
        """A sync brought everything up to `rev`; returns the waiting changes that applied."""
        if rev > self.rev:
            self.rev = rev
            self.held_seq = max(self.held_seq, held_seq)
            self.last_seq = max(self.last_seq, held_seq)
        return self.drain()

    def tell(self, seq: int) -> bool:
        """Whether the message `seq` is told as created now: true once."""
        if seq in self.told:
            return False
        self.told.add(seq)
        return True

    def _wait(self, change: Revised) -> None:
        known = self.waiting.get(change.rev)
        if known is None and len(self.waiting) >= MAX_WAITING:
            self.has_overflowed = True
        elif known is None or known.origin == "reply":
            self.waiting[change.rev] = change

    def _apply(self, change: Revised) -> None:
        match change.d:
            case MessageEvent(message=message):
                self._apply_message(message, change)
            case ConversationEvent(conversation=shown):
                self.adopt(shown, since=self.born)
            case MemberEvent() as member:
                self._apply_member(member, joined=change.name == "member.joined")
            case other:
                raise TypeError(f"{change.name} has a body that is not revised: {type(other)}")
        self.rev = change.rev

    def _apply_message(self, message: Message, change: Revised) -> None:
        is_new = message.seq > self.held_seq
        # Changed already by this rev, it is a gap's final state: its parent comes likewise.
        is_final = message.rev == change.rev and _is_changed(message)
        if is_new and change.name == "message.created" and not is_final:
            self._count_reply(message, change.rev)
        self.store(message)
        if message.seq > self.last_seq:
            self.last_seq = message.seq
            self.last_message = self.messages[message.id]
        self.held_seq = max(self.held_seq, message.seq)
        if message.type != "system":
            # Sending is reading, whenever it was.
            self.mark(message.sender_id, read=message.seq, delivered=message.seq)

    def _apply_member(self, member: MemberEvent, *, joined: bool) -> None:
        if member.rev <= self.shown.rev:
            return
        self.shown = msgspec.structs.replace(self.shown, rev=member.rev)
        if not joined:
            self.participants.pop(member.user_id, None)
            return
        self.participants[member.user_id] = Participant(
            member.user_id, member.role, 0, 0, member.display_name
        )
        self.mark(member.user_id, read=self.last_seq, delivered=self.last_seq)

    def _count_reply(self, reply: Message, rev: int) -> None:
        if reply.parent_id is None:
            return
        parent = self.messages.get(reply.parent_id)
        if parent is not None:
            if parent.rev < rev:
                self._put(_replied(parent, rev, reply.created_at))
            return
        self._replied.setdefault(reply.parent_id, []).append((rev, reply.created_at))
        if len(self._replied) > MAX_REPLIED:
            self._replied.popitem(last=False)

    # Objects and messages, as replies and pages bring them.

    def adopt(self, shown: Conversation, since: int) -> None:
        """Takes over an object: newer shared fields, watermarks, and the viewer's own fields.

        `since` is the clock when it was asked for: own settings that an event changed later stay.
        The revision held does not move.
        """
        marks = {p.user_id: p for p in shown.participants}
        if shown.rev >= self.shown.rev:
            self.shown = shown
            before, self.participants = self.participants, marks
            for user_id, participant in before.items():
                self.mark(user_id, participant.last_read_seq, participant.last_delivered_seq)
        else:
            for user_id, participant in marks.items():
                self.mark(user_id, participant.last_read_seq, participant.last_delivered_seq)
        self.last_seq = max(self.last_seq, shown.last_seq)
        self._adopt_last(shown.last_message)
        self._adopt_own(shown, since)

    def mark(self, user_id: Id, read: int = 0, delivered: int = 0) -> None:
        """A member's watermarks are at least here; read implies delivered."""
        member = self.participants.get(user_id)
        if member is not None:
            read_seq = max(member.last_read_seq, read)
            delivered_seq = max(member.last_delivered_seq, delivered, read_seq)
            if (read_seq, delivered_seq) != (member.last_read_seq, member.last_delivered_seq):
                self.participants[user_id] = msgspec.structs.replace(
                    member, last_read_seq=read_seq, last_delivered_seq=delivered_seq
                )
        if user_id == self.me:
            self._read_to(read)

    def correct_unread(self, unread: int) -> bool:
        """The server's figure of some moment; returns whether it differs from the one computed.

        It names no revision, so a difference may be a message on its way: a sync tells.
        """
        difference = self.unread - unread
        if difference and not self.loaded.covers(self.read_seq + 1, self.last_seq):
            self.tombstones.hidden = max(0, self.tombstones.hidden + difference)
        return bool(difference)

    def store(self, message: Message) -> bool:
        """Keeps a message unless a later state of it is at hand; returns whether it was news."""
        known = self.messages.get(message.id)
        if known is not None and known.rev > message.rev:
            return False
        for rev, created_at in self._replied.pop(message.id, ()):
            if rev > message.rev:
                message = _replied(message, rev, created_at)
        self._put(message)
        if message.is_deleted:
            self._note_deleted(message.seq, message.rev)
        return known is None or known.rev < message.rev

    def merge(self, messages: Iterable[Message], since: int) -> None:
        """Stores messages asked for at the clock `since`.

        What was asked for before the messages at hand were cut may be older than the cut.
        """
        if since < self.born:
            return
        for message in messages:
            if since >= self.cut_at or message.seq >= self.cut_before:
                self.store(message)

    def cut(self, before_seq: int, clock: int) -> Ranges:
        """Lets go of the messages below `before_seq`, and returns which those were."""
        gone = self.loaded.within(1, before_seq - 1)
        for low, high in gone:
            for seq in range(low, high + 1):
                del self.messages[self.by_seq.pop(seq)]
        self.loaded.remove(1, before_seq - 1)
        self.cut_at = clock
        self.cut_before = max(self.cut_before, before_seq)
        return gone

    def _put(self, message: Message) -> None:
        if message.sender_id == self.me and message.type != "system":
            self.own_seq = max(self.own_seq, message.seq)
        self.messages[message.id] = message
        self.by_seq[message.seq] = message.id
        self.loaded.add(message.seq)
        last = self.last_message
        if last is not None and last.id == message.id and last.rev <= message.rev:
            self.last_message = message

    def _adopt_last(self, message: Message | None) -> None:
        if message is None:
            return
        last = self.last_message
        if last is None or message.seq > last.seq:
            self.last_message = self.messages.get(message.id, message)
        if last is not None and message.id == last.id and message.rev >= last.rev:
            self.last_message = message

    def _adopt_own(self, shown: Conversation, since: int) -> None:
        read_before = self.read_seq
        mine = self.participants.get(self.me)
        self._read_to(mine.last_read_seq if mine is not None else 0)
        if shown.last_read_seq is UNSET or shown.unread is UNSET:
            return
        is_newest = shown.rev >= self.rev and shown.last_seq == self.last_seq
        if is_newest and shown.last_read_seq >= read_before:
            self._read_to(shown.last_read_seq)
            self._count_hidden(shown.last_seq - shown.last_read_seq - shown.unread, shown.rev)
        self._read_to(shown.last_read_seq)
        if self.settings_at <= since:
            self.is_muted = shown.is_muted is True
            self.archived_seq = shown.last_seq if shown.is_archived is True else None
            self.is_pinned = shown.is_pinned is True

    # The arithmetic of unread.

    def _read_to(self, seq: int) -> None:
        if seq <= self.read_seq:
            return
        self.read_seq = seq
        tombstones = self.tombstones
        tombstones.known = {at: rev for at, rev in tombstones.known.items() if at > seq}
        room = self.last_seq - seq - self.loaded.count(seq + 1, self.last_seq)
        tombstones.hidden = min(tombstones.hidden, max(0, room))

    def _note_deleted(self, seq: int, rev: int) -> None:
        tombstones = self.tombstones
        if seq <= self.read_seq or seq in tombstones.known:
            return
        tombstones.known[seq] = rev
        if rev <= tombstones.hidden_rev and tombstones.hidden:
            tombstones.hidden -= 1

    def _count_hidden(self, deleted: int, rev: int) -> None:
        known = sum(1 for at_rev in self.tombstones.known.values() if at_rev <= rev)
        self.tombstones.hidden = max(0, deleted - known)
        self.tombstones.hidden_rev = rev


def _is_changed(message: Message) -> bool:
    return bool(
        message.edited_at
        or message.is_deleted
        or message.is_pinned
        or message.reactions
        or message.reply_count
    )


def _replied(parent: Message, rev: int, created_at: Time) -> Message:
    """The parent after one more reply, which moved it to the reply's `rev`."""
    return msgspec.structs.replace(
        parent, rev=rev, reply_count=parent.reply_count + 1, last_reply_at=created_at
    )
