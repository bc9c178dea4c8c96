"""All that a client holds, and the algorithm by which it loses nothing. Pure: no I/O, no clock.

Events, replies and pages go in; changes come out. What is to be done is read, not done here:
`is_behind` and `store.dirty` ask for a sync (client/state/sync.py), `store.owed` for pages of
history, `notifications.behind_since` for a list of them, `resume` says where to go on.
client/state/saved.py writes it down.

A request notes `clock` when it is sent, and its reply hands it back as `since`, so that what an
event changed in the meantime is not undone by an older snapshot.
"""

from collections import OrderedDict
from collections.abc import Sequence

from client.state.changes import Change, Event, Revised
from client.state.conversation import ConversationState
from client.state.conversation_store import ConversationStore
from client.state.ephemeral import EphemeralState
from client.state.notifications import Notifications
from client.state.ranges import Ranges
from protocol.events import (
    ConversationEvent,
    MemberEvent,
    MessageEvent,
    NotificationEvent,
    PresenceEvent,
    ReceiptEvent,
    ResyncEvent,
    SettingsEvent,
    TypingEvent,
    UnreadEvent,
)
from protocol.objects import Conversation, Message, Notification, UnreadTotals
from protocol.replies import HelloReply, ReceiptReply
from protocol.text import Id

MAX_EIDS = 4096
"""Events remembered against repetition after a resume: far more than a log keeps."""


class ClientState:
    """One user's conversations, notifications and what is shown for a moment, with the place in the
    event log.
    """

    def __init__(self) -> None:
        self.store = ConversationStore()
        self.notifications = Notifications()
        self.ephemeral = EphemeralState()
        self.epoch: str | None = None
        self.offset: str | None = None
        """The `at` up to which everything is applied: what may be persisted, with the epoch."""
        self.behind_since: int | None = 0
        """The clock when everything began to need a sync; None when nothing does."""
        self.has_inbox = False
        """Whether every conversation of the user is known."""
        self.missed = 0
        """How many events of a resume are still to come."""
        self.eids: OrderedDict[str, None] = OrderedDict()
        """Of events that may come again and have no rev, the latest at the end."""
        self.unread_elsewhere = 0
        """Unread messages of conversations that are not known yet."""
        self._next: tuple[str | None, str | None] = (None, None)

    # What is held, what is to be done, and where to go on.

    @property
    def clock(self) -> int:
        """Counts the inputs."""
        return self.store.clock

    @property
    def me(self) -> Id:
        """The user; empty before the first hello."""
        return self.store.me

    @property
    def conversations(self) -> dict[Id, ConversationState]:
        """The conversations held, by id."""
        return self.store.held

    @property
    def is_behind(self) -> bool:
        """Whether a sync of everything is needed."""
        return self.behind_since is not None

    @property
    def unread_messages(self) -> int:
        """Unread over all conversations, without muted and archived ones."""
        elsewhere = 0 if self.has_inbox else self.unread_elsewhere
        return elsewhere + self.store.unread()

    def resume(self, now: float) -> tuple[str, str, dict[Id, int]] | None:
        """`(epoch, offset, revs)` to resume with at `now` (seconds of a steady clock), if any."""
        self.store.now = now
        # Both are empty when the server could not name a place.
        if not self.epoch or not self.offset:
            return None
        return self.epoch, self.offset, self.store.revs()

    # Inputs.

    def begin_at(self, epoch: str | None, offset: str | None, *, is_behind: bool) -> None:
        """What was saved is applied up to this place."""
        self.epoch, self.offset = self._next = epoch, offset
        self.behind_since = self.clock if is_behind else None

    def hello(self, reply: HelloReply) -> None:
        """A connection is open. Raises `ValueError` when it is another user's."""
        if self.me not in {"", reply.user.id}:
            raise ValueError("this state belongs to another user")
        self.store.clock += 1
        self.store.me = reply.user.id
        self.ephemeral.clear()
        self.missed = reply.missed if reply.resumed else 0
        if reply.resumed:
            # What follows goes on from there, whatever has been heard since.
            self._next = (self.epoch, self.offset)
            for key in reply.stale:
                self.store.suspect(key)
        else:
            self._suspect(None)
            self._next = (reply.epoch, reply.offset)
        if reply.unread is not None:
            self._tell_totals(reply.unread)

    def apply(self, event: Event, now: float) -> list[Change]:
        """Takes an event received at `now`; returns what has changed, in order."""
        self.store.clock += 1
        self.store.now = now
        is_repeated = event.eid is not None and event.eid in self.eids
        changes = [] if is_repeated else self._take(event)
        if event.eid is not None and self.missed:
            self.missed -= 1
        if event.at is not None:
            self._next = (self._next[0], event.at)
        # One without a place may have brought what those with one waited for.
        self.settle()
        return changes

    def settle(self) -> None:
        """Moves the persistable offset on when everything before it is applied."""
        is_behind = self.is_behind or self.notifications.behind_since is not None
        if not is_behind and self.store.is_whole and not self.store.waiting:
            self.epoch, self.offset = self._next

    def sent(self, message: Message, now: float) -> list[Change]:
        """The reply to a send stands for the event that this connection does not get.

        A message whose rev a reply to it has moved does not: another change bears that rev.
        """
        self.store.clock += 1
        self.store.now = now
        held = self.conversations.get(message.conversation_id)
        if held is not None:
            held.store(message)
        if message.reply_count:
            return []
        d = MessageEvent(message, message.rev, message.rev - 1)
        change = Revised("message.created", d, message.rev, message.rev - 1, "reply")
        changes = self.store.revise(message.conversation_id, change)
        self.settle()
        return changes

    def merge_conversation(self, shown: Conversation, since: int) -> list[Change]:
        """A conversation from a reply asked for at the clock `since`."""
        self.store.clock += 1
        held = self.conversations.get(shown.id)
        changes: list[Change] = []
        if held is not None:
            if since >= held.born or shown.rev >= held.rev:
                held.adopt(shown, since)
        elif not self.store.was_forgotten_after(shown.id, since):
            changes = self.store.begin(shown, shown.rev)
        self.settle()
        return changes

    def merge_messages(self, key: Id, messages: list[Message], since: int) -> list[Change]:
        """Messages of one conversation, from a reply asked for at the clock `since`.

        Of those that a sync left out the first appearance is told, as the sync would have.
        """
        self.store.clock += 1
        held = self.conversations.get(key)
        if held is None:
            return []
        held.merge(messages, since)
        changes = []
        missing = self.store.owed.get(key, Ranges())
        for message in messages:
            if message.seq not in held.loaded:
                continue
            if message.seq in missing and held.tell(message.seq):
                d = MessageEvent(message, message.rev, held.rev)
                changes.append(Change("message.created", d, key, "sync"))
            self.store.paid(key, message.seq, message.seq)
        return changes

    def merge_receipt(self, reply: ReceiptReply, *, is_read: bool) -> None:
        """The answer to an own receipt."""
        self.store.clock += 1
        held = self.conversations.get(reply.conversation_id)
        if held is not None:
            held.mark(self.me, read=reply.seq if is_read else 0, delivered=reply.seq)
            if held.correct_unread(reply.unread):
                self.store.suspect(reply.conversation_id)

    def merge_notifications(
        self, items: Sequence[Notification], since: int, *, unread: int, is_all: bool
    ) -> list[Change]:
        """The list of notifications asked for at the clock `since`; what is news is told."""
        self.store.clock += 1
        news = self.notifications.listed(items, since, unread=unread, is_all=is_all)
        self.settle()
        totals = UnreadTotals(self.store.unread() + self.unread_elsewhere, unread)
        return [
            Change("notification.created", NotificationEvent(item, totals), origin="sync")
            for item in news
        ]

    # Events.

    def _take(self, event: Event) -> list[Change]:
        match event.d:
            case MessageEvent(message=message) as d:
                if message.type != "system":
                    self.ephemeral.stopped(message.conversation_id, message.sender_id)
                return self.store.revise(message.conversation_id, _revised(event, d))
            case ConversationEvent(conversation=shown) as d if event.name == "conversation.created":
                return self._begin(shown, _revised(event, d))
            case ConversationEvent(conversation=shown) as d:
                return self.store.revise(shown.id, _revised(event, d))
            case MemberEvent() as d if event.name == "member.left" and d.user_id == self.me:
                return self._leave(d)
            case MemberEvent() as d:
                return self.store.revise(d.conversation_id, _revised(event, d))
            case _:
                self._remember(event.eid)
                return self._take_plain(event)

    def _begin(self, shown: Conversation, change: Revised) -> list[Change]:
        """`conversation.created`: new to this user, or come back to."""
        held = self.conversations.get(shown.id)
        if held is not None and change.rev <= held.rev:
            return []
        if held is not None and change.rev == held.rev + 1:
            return self.store.revise(shown.id, change)
        if change.rev <= self.store.forgotten.get(shown.id, (0, 0))[0]:
            return []
        changes = [Change(change.name, change.d, shown.id), *self.store.begin(shown, change.rev)]
        self.store.has_moved(shown.id)
        return changes

    def _leave(self, left: MemberEvent) -> list[Change]:
        held = self.conversations.get(left.conversation_id)
        if held is not None and left.rev <= held.rev:
            return []
        self.store.forget(left.conversation_id, left.rev)
        return [] if held is None else [Change("member.left", left, left.conversation_id)]

    def _take_plain(self, event: Event) -> list[Change]:
        """An event without a rev."""
        match event.d:
            case ReceiptEvent() as receipt:
                return self._mark(event, receipt)
            case SettingsEvent(conversation=shown):
                return self._set(event, shown)
            case NotificationEvent() as told:
                return self._notify(event, told)
            case TypingEvent() as typing:
                return self._type(event, typing)
            case PresenceEvent() as presence:
                self.ephemeral.changed(presence, self.clock)
            case UnreadEvent() as told:
                self._correct(told)
            case ResyncEvent(conversation_ids=keys):
                self._suspect(keys)
            case _:
                pass
        return [Change(event.name, event.d)]

    def _mark(self, event: Event, receipt: ReceiptEvent) -> list[Change]:
        held = self.conversations.get(receipt.conversation_id)
        if held is not None:
            read = receipt.seq if event.name == "receipt.read" else 0
            held.mark(receipt.user_id, read=read, delivered=receipt.seq)
        self._note_unknown(receipt.conversation_id)
        return [Change(event.name, receipt, receipt.conversation_id)]

    def _set(self, event: Event, shown: Conversation) -> list[Change]:
        held = self.conversations.get(shown.id)
        if held is not None:
            held.adopt(shown, since=self.clock)
            held.settings_at = self.clock
        self._note_unknown(shown.id)
        return [Change(event.name, event.d, shown.id)]

    def _note_unknown(self, key: Id) -> None:
        """The page that is to bring this conversation may be older than what was told of it."""
        if key not in self.conversations and key not in self.store.forgotten:
            self.store.suspect(key)

    def _notify(self, event: Event, told: NotificationEvent) -> list[Change]:
        item, unread = told.notification, told.unread.notifications
        if event.name == "notification.updated":
            self.notifications.updated(item, self.clock, unread)
        elif not self.notifications.created(item, self.clock, unread):
            return []
        return [Change(event.name, event.d)]

    def _type(self, event: Event, typing: TypingEvent) -> list[Change]:
        if event.name == "typing.started":
            self.ephemeral.started(typing.conversation_id, typing.user_id, self.store.now)
        else:
            self.ephemeral.stopped(typing.conversation_id, typing.user_id)
        return [Change(event.name, typing, typing.conversation_id)]

    def _correct(self, told: UnreadEvent) -> None:
        for key, unread in told.conversations.items():
            held = self.conversations.get(key)
            if held is not None and held.correct_unread(unread):
                self.store.suspect(key)
        self._tell_totals(UnreadTotals(told.messages, told.notifications))

    def _tell_totals(self, totals: UnreadTotals) -> None:
        self.notifications.correct_unread(totals.notifications, self.clock)
        self.unread_elsewhere = max(0, totals.messages - self.store.unread())

    def _suspect(self, keys: list[Id] | None) -> None:
        if keys is None:
            self.behind_since = self.notifications.behind_since = self.clock
            return
        for key in keys:
            self.store.suspect(key)

    def _remember(self, eid: str | None) -> None:
        if eid is None:
            return
        self.eids[eid] = None
        if len(self.eids) > MAX_EIDS:
            self.eids.popitem(last=False)


def _revised(event: Event, d: MessageEvent | ConversationEvent | MemberEvent) -> Revised:
    return Revised(event.name, d, d.rev, d.prev_rev)
