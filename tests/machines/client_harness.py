"""The wire between a server in miniature and a client: it loses, repeats, delays and breaks."""

import copy
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from client.state.changes import Change, Event
from client.state.client_state import ClientState
from client.state.saved import Saved, restore, save
from client.state.sync import SyncPass
from protocol.events import ResyncEvent
from protocol.objects import Conversation, LimitsInForce, User
from protocol.replies import HelloReply
from tests.machines.delivery import Delivery
from tests.machines.miniature import ME, Log, Miniature

LIMITS = LimitsInForce(65536, 4000, 10, 20, 60, 64, 200, 200)
Frame = Callable[[], None]
T = TypeVar("T")


def pick(data: st.DataObject, items: list[T]) -> T:
    """One of `items`, drawn by its place: a failing example stays readable."""
    return items[data.draw(st.integers(0, len(items) - 1))]


class Harness(RuleBasedStateMachine):
    """The server, the wire and the client. Frames on the wire are functions for the client."""

    def __init__(self) -> None:
        super().__init__()
        self.server = Miniature()
        self.state = ClientState()
        self.wire: list[Frame] = []
        self.delivery = Delivery(self.server, lambda event: self.wire.append(self.event(event)))
        self.unanswered: list[tuple[Log, str]] = []
        """Sends by this connection whose reply has not arrived."""
        self.served: list[Frame] = []
        """Replies computed, from a snapshot of that moment, but not yet on the wire."""
        self.syncing: SyncPass | None = None
        self.pinned: dict[str, int] = {}
        self.has_lost = False
        self.told: Counter[tuple[str, int]] = Counter()
        self.sends = 0
        self.connections = 0
        self.sent_on: dict[str, int] = {}
        self.saved: tuple[bytes, Counter[tuple[str, int]]] | None = None

    def take(self, changes: list[Change]) -> None:
        for change in changes:
            if change.name == "message.created":
                assert change.conversation_id is not None
                self.told[change.conversation_id, change.d.message.seq] += 1
            if change.name in {"member.left", "conversation.gone", "conversation.created"}:
                # Out and in again: what was told before may be told again.
                for key in [key for key in self.told if key[0] == change.conversation_id]:
                    del self.told[key]

    def event(self, event: Event) -> Frame:
        return lambda: self.take(self.state.apply(event, 0.0))

    def reply(self, frame: Frame) -> Frame:
        def run() -> None:
            frame()

        run.is_reply = True  # type: ignore[attr-defined]  # a mark on the function
        return run

    def publish_one(self, log: Log, number: int = 0, *, is_lost: bool = False) -> None:
        """The connection that sent a message has the reply instead of the event."""
        note = log.unpublished.pop(number)
        is_own = note.own is not None and self.sent_on[note.own] == self.connections
        self.delivery.publish(note, is_own=is_own, is_lost=is_lost)

    def place(self, data: st.DataObject, *, mine: bool = False) -> Log | None:
        logs = [log for log in self.server.logs.values() if not mine or ME in log.members]
        return pick(data, logs) if logs else None

    def answer(self, log: Log, client_id: str) -> None:
        """The reply to a send: at first, and again, the message as it is at that moment."""
        message = next(m for m in log.messages if m.client_id == client_id)

        def arrive() -> None:
            self.take(self.state.sent(message, 0.0))
            self.unanswered.remove((log, client_id))

        self.wire.append(self.reply(arrive))

    def correct(self, data: st.DataObject, log: Log) -> None:
        """`unread.changed`: figures of this moment, told now or later."""
        if ME in log.members and data.draw(st.booleans()):
            self.served.append(self.event(self.server.unread_event([log.id])))

    def ask_page(self) -> None:
        assert self.syncing is not None
        running, request = self.syncing, self.syncing.request()
        if request is None:
            self.syncing = None
            return
        if request.cursor is None:
            self.pinned = {key: log.rev for key, log in self.server.logs.items()}
        page = self.server.sync(request, self.pinned)

        def arrive() -> None:
            self.take(running.apply(page))
            self.ask_page()

        self.served.append(arrive)

    def run_dry(self) -> None:
        for log in self.server.logs.values():
            while log.unpublished:
                self.publish_one(log)
        if self.delivery.has_lost:
            self.delivery.reconcile()
        self.delivery.cross()
        self.delivery.fill()
        while self.served:
            self.wire.append(self.served.pop(0))
        while self.wire or self.served:
            while self.wire:
                self.wire.pop(0)()
            while self.served:
                self.wire.append(self.served.pop(0))

    def is_due(self) -> bool:
        state = self.state
        is_behind = state.is_behind or state.notifications.behind_since is not None
        return bool(is_behind or state.store.dirty or state.store.owed)

    def list_notifications(self) -> None:
        """There are none."""
        if not self.state.is_behind:
            self.state.merge_notifications([], self.state.clock, unread=0, is_all=True)

    def check(self) -> None:
        assert not self.state.is_behind
        assert not self.state.store.dirty
        assert not self.state.store.owed
        visible = {key: log for key, log in self.server.logs.items() if ME in log.members}
        assert set(self.state.conversations) == set(visible)
        for key, log in visible.items():
            held = self.state.conversations[key]
            view, truth = held.view(), log.view(ME)
            assert people(view, log) == people(truth, log)
            for name in ("rev", "last_seq", "title", "last_message", "last_message_at", "unread"):
                assert getattr(view, name) == getattr(truth, name), name
            assert view.last_read_seq == truth.last_read_seq
            assert view.is_muted == truth.is_muted
            for message in held.history():
                assert message == log.messages[message.seq - 1]
            assert not held.waiting
            news = range(log.members[ME].joined_at + 1, log.last_seq + 1)
            assert all(seq in held.told for seq in news)
        total = sum(log.unread(ME) for log in visible.values() if not log.members[ME].is_muted)
        assert self.state.unread_messages == total
        assert (self.state.epoch, self.state.offset) == self.state._next
        assert not self.state.missed


def people(shown: Conversation, log: Log) -> dict[str, tuple[int, int] | None]:
    """Of a large conversation nobody is told others' watermarks."""
    is_told = log.fanout == "user"
    return {
        p.user_id: (p.last_read_seq, p.last_delivered_seq) if is_told or p.user_id == ME else None
        for p in shown.participants
    }


class Connections(Harness):
    """They break, and the program is ended; the next one goes on."""

    @initialize()
    def connect(self) -> None:
        self.open(may_resume=False)

    def open(self, *, may_resume: bool) -> None:
        self.wire.clear()
        self.served.clear()
        self.syncing = None
        self.connections += 1
        opened = self.delivery.open(self.state.resume(0.0) if may_resume else None)
        self.state.hello(
            HelloReply(
                session_id="s",
                user=User(ME, "Me"),
                server_time="",
                token_expires_at="",
                epoch=opened.epoch,
                offset=opened.offset,
                resumed=opened.resumed,
                missed=len(opened.events),
                stale=opened.stale,
                unread=None,
                limits=LIMITS,
                heartbeat_s=25,
            )
        )
        for event in opened.events + opened.marks:
            self.wire.append(self.reply(self.event(event)))

    @rule(may_resume=st.booleans())
    def reconnect(self, may_resume: bool) -> None:
        self.open(may_resume=may_resume)
        for log, client_id in self.unanswered:
            self.answer(log, client_id)

    @rule()
    def keep(self) -> None:
        """The state is written down."""
        written = msgspec.msgpack.encode(save(self.state, 0.0))
        self.saved = written, copy.copy(self.told)

    @precondition(lambda self: self.saved)
    @rule()
    def start_again(self) -> None:
        """The program was ended, and begins with what it has written down."""
        assert self.saved is not None
        written, told = self.saved
        self.told = copy.copy(told)
        self.state = restore(msgspec.msgpack.decode(written, type=Saved), 0.0)
        self.unanswered.clear()
        self.open(may_resume=True)


class Stores(Connections):
    """What becomes of what was committed, before it is on the wire."""

    @precondition(lambda self: self.delivery.published)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        note, event = pick(data, self.delivery.published[-10:])
        if event.ev.startswith((b"message", b"conversation.u", b"member.j")):
            self.delivery.again(note, event)

    @rule(data=st.data(), is_lost=st.sampled_from([False, False, False, True]))
    def publish(self, data: st.DataObject, is_lost: bool) -> None:
        """Some of what is committed, two writers in any order; it may be lost on a channel."""
        waiting = [log for log in self.server.logs.values() if log.unpublished]
        if not waiting:
            return
        log = pick(data, waiting)
        for _ in range(data.draw(st.integers(1, len(log.unpublished)))):
            number = data.draw(st.integers(0, min(2, len(log.unpublished) - 1)))
            self.publish_one(log, number, is_lost=is_lost)

    @rule(count=st.integers(1, 6))
    def trim(self, count: int) -> None:
        self.delivery.trim(count)

    @rule()
    def flush(self) -> None:
        """Redis forgets everything."""
        self.delivery.lose()

    @rule()
    def reconcile(self) -> None:
        if self.delivery.has_lost:
            self.delivery.reconcile()

    @rule()
    def fill(self) -> None:
        self.delivery.fill()

    @rule()
    def cross(self) -> None:
        """Conversations that have grown are told by their own channels, and later only so."""
        self.delivery.cross()
        for log in self.server.logs.values():
            if log.fanout == "both":
                log.fanout = "conversation"


class Network(Stores):
    """What happens on the wire, and what must hold in the end."""

    @rule(count=st.integers(1, 8))
    def deliver(self, count: int) -> None:
        for frame in self.wire[:count]:
            frame()
        del self.wire[:count]

    @precondition(lambda self: self.wire)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """An event is lost before this connection; replies are not lost but with it."""
        at = data.draw(st.integers(0, len(self.wire) - 1))
        if getattr(self.wire[at], "is_reply", False):
            return
        del self.wire[at]
        self.has_lost = True

    @precondition(lambda self: self.served)
    @rule(data=st.data())
    def post(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.served) - 1))
        self.wire.append(self.reply(self.served.pop(at)))

    @rule(batch=st.integers(1, 3))
    def sync(self, batch: int) -> None:
        if self.syncing is None and (self.state.is_behind or self.state.store.dirty):
            self.syncing = SyncPass(self.state, batch=batch)
            self.pinned = {}
            self.ask_page()

    @rule()
    def settle(self) -> None:
        """Everything arrives, what was lost is noticed, and the client does what it has to."""
        self.run_dry()
        if self.has_lost:
            self.event(Event("resync", ResyncEvent()))()
            self.has_lost = False
        for _ in range(20):
            if not self.is_due():
                break
            self.sync(2)
            self.run_dry()
            self.list_notifications()
            for key, missing in list(self.state.store.owed.items()):
                low, high = next(iter(missing))
                since = self.state.clock
                messages = self.server.history(key, low, high)
                self.take(self.state.merge_messages(key, messages, since))
        self.check()

    @invariant()
    def never_ahead_and_never_twice(self) -> None:
        for key, held in self.state.conversations.items():
            assert held.rev <= self.server.logs[key].rev
        assert all(count == 1 for count in self.told.values()), self.told

    def teardown(self) -> None:
        self.settle()
