"""The wire between a server in miniature and a client: it loses, repeats, delays and breaks."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from client.changes import Change, Event
from client.state import ClientState
from client.sync import SyncPass
from protocol.events import ReceiptEvent, ResyncEvent
from protocol.objects import LimitsInForce, User
from protocol.replies import HelloReply
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

        run.is_reply = True  # type: ignore[attr-defined]
        return run

    def offer(self, own: str | None, event: Event) -> None:
        """The connection that sent a message has the reply instead of the event."""
        if own is None or self.sent_on[own] != self.connections:
            self.wire.append(self.event(event))

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
                _, own, event = self.server.publish(log)
                self.offer(own, event)
        while self.served:
            self.wire.append(self.served.pop(0))
        while self.wire or self.served:
            while self.wire:
                self.wire.pop(0)()
            while self.served:
                self.wire.append(self.served.pop(0))

    def check(self) -> None:
        assert not self.state.is_behind
        assert not self.state.shelf.dirty
        assert not self.state.shelf.owed
        visible = {key: log for key, log in self.server.logs.items() if ME in log.members}
        assert set(self.state.conversations) == set(visible)
        for key, log in visible.items():
            held = self.state.conversations[key]
            view, truth = held.view(), log.view(ME)
            assert sorted(view.participants, key=lambda p: p.user_id) == truth.participants
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
        assert self.state.offset == self.state._next[1]


class Network(Harness):
    """What happens on the way, and what must hold in the end."""

    @initialize(resumed=st.just(False))
    def connect(self, resumed: bool) -> None:
        self.connections += 1
        offset = str(len(self.server.entries))
        self.state.hello(
            HelloReply(
                session_id="s",
                user=User(ME, "Me"),
                server_time="",
                token_expires_at="",
                epoch="e",
                offset=offset,
                resumed=resumed,
                missed=0,
                stale=[],
                unread=None,
                limits=LIMITS,
                heartbeat_s=25,
            )
        )

    @rule(may_resume=st.booleans())
    def reconnect(self, may_resume: bool) -> None:
        self.wire.clear()
        self.served.clear()
        self.syncing = None
        place = self.state.resume(0.0) if may_resume else None
        self.connect(resumed=place is not None)
        if place is not None:
            for offset, _, event in self.server.entries:
                if offset > int(place[1]):
                    self.wire.append(self.event(event))
            for log in self.server.logs.values():
                for user, member in log.members.items() if ME in log.members else ():
                    d = ReceiptEvent(log.id, user, member.read)
                    self.wire.append(self.event(Event("receipt.read", d)))
        for log, client_id in self.unanswered:
            self.answer(log, client_id)

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

    @precondition(lambda self: self.server.entries)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        _, _, event = pick(data, self.server.entries[-10:])
        if event.eid is None or event.name.startswith(("message", "conversation.u", "member.j")):
            self.wire.append(self.event(event))

    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        waiting = [log for log in self.server.logs.values() if log.unpublished]
        if not waiting:
            return
        log = pick(data, waiting)
        for _ in range(data.draw(st.integers(1, len(log.unpublished)))):
            _, own, event = self.server.publish(log)
            self.offer(own, event)

    @precondition(lambda self: self.served)
    @rule(data=st.data())
    def post(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.served) - 1))
        self.wire.append(self.reply(self.served.pop(at)))

    @rule(batch=st.integers(1, 3))
    def sync(self, batch: int) -> None:
        if self.syncing is None and (self.state.is_behind or self.state.shelf.dirty):
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
            if not (self.state.is_behind or self.state.shelf.dirty or self.state.shelf.owed):
                break
            self.sync(2)
            self.run_dry()
            for key, missing in list(self.state.shelf.owed.items()):
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
