"""Whatever is lost, repeated, late or cut, the client's state becomes the server's.

Random histories reach a client as events, replies, pages of sync and of history, over connections
that break; afterwards it must equal a client that has just loaded everything, and must have told
each message as created once.
"""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from client.changes import Change, Event
from client.state import ClientState
from client.sync import SyncPass
from protocol.events import ReceiptEvent, ResyncEvent
from protocol.objects import LimitsInForce, User
from protocol.replies import HelloReply, ReceiptReply
from tests.machines.miniature import ME, PEOPLE, THIRD, YOU, Log, Miniature

LIMITS = LimitsInForce(65536, 4000, 10, 20, 60, 64, 200, 200)
Frame = Callable[[], None]
T = TypeVar("T")


def pick(data: st.DataObject, items: list[T]) -> T:
    """One of `items`, drawn by its place: a failing example stays readable."""
    return items[data.draw(st.integers(0, len(items) - 1))]


class Convergence(RuleBasedStateMachine):
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

    # The wire.

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

    def offer(self, own: str | None, event: Event) -> None:
        """The connection that sent a message has the reply instead of the event."""
        if own is None or self.sent_on[own] != self.connections:
            self.wire.append(self.event(event))

    def reply(self, frame: Frame) -> Frame:
        def run() -> None:
            frame()

        run.is_reply = True  # type: ignore[attr-defined]
        return run

    # What happens on the server.

    def place(self, data: st.DataObject, *, mine: bool = False) -> Log | None:
        logs = [log for log in self.server.logs.values() if not mine or ME in log.members]
        return pick(data, logs) if logs else None

    @rule(members=st.sampled_from([(ME, YOU), PEOPLE, (YOU, THIRD)]))
    def create(self, members: tuple[str, ...]) -> None:
        if len(self.server.logs) < 4:
            self.server.create(members)

    @rule(data=st.data(), count=st.integers(1, 4))
    def send(self, data: st.DataObject, count: int) -> None:
        log = self.place(data)
        if log is None or not log.members:
            return
        for _ in range(count):
            user = data.draw(st.sampled_from(sorted(log.members)))
            parents = [None, *(m for m in log.messages if not m.is_deleted)]
            own = None
            if user == ME and data.draw(st.booleans()):
                self.sends += 1
                own = str(UUID(int=self.sends))
            self.server.send(log, user, pick(data, parents), own=own)
            if own is not None:
                self.sent_on[own] = self.connections
                self.unanswered.append((log, own))
                self.answer(log, own)

    def answer(self, log: Log, client_id: str) -> None:
        """The reply to a send: at first, and again, the message as it is at that moment."""
        message = next(m for m in log.messages if m.client_id == client_id)

        def arrive() -> None:
            self.take(self.state.sent(message, 0.0))
            self.unanswered.remove((log, client_id))

        self.wire.append(self.reply(arrive))

    @rule(data=st.data(), what=st.sampled_from(["edit", "delete", "react", "unreact", "pin"]))
    def change(self, data: st.DataObject, what: str) -> None:
        log = self.place(data)
        alive = [m for m in log.messages if not m.is_deleted] if log is not None else []
        if log is None or not alive:
            return
        message = pick(data, alive)
        fields: dict[str, dict[str, object]] = {
            "edit": {"content": f"{message.content}!", "edited_at": "t"},
            "delete": {"content": None, "is_deleted": True},
            "react": {"reactions": {"+": [YOU]}, "reaction_counts": {"+": 1}},
            "unreact": {"reactions": {}, "reaction_counts": {}},
            "pin": {"is_pinned": not message.is_pinned},
        }
        self.server.update(log, message.seq, **fields[what])
        self.correct(data, log)

    @rule(data=st.data(), who=st.sampled_from(PEOPLE))
    def move(self, data: st.DataObject, who: str) -> None:
        log = self.place(data)
        if log is None:
            return
        if who in log.members:
            if len(log.members) > 1:
                self.server.leave(log, who)
        else:
            self.server.join(log, who)

    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        log = self.place(data)
        if log is not None:
            self.server.rename(log, data.draw(st.sampled_from("abc")))

    @rule(data=st.data(), is_muted=st.booleans())
    def mute(self, data: st.DataObject, is_muted: bool) -> None:
        log = self.place(data, mine=True)
        if log is not None:
            self.server.mute(log, is_muted=is_muted)

    @rule(data=st.data(), here=st.booleans())
    def read(self, data: st.DataObject, here: bool) -> None:
        log = self.place(data)
        if log is None or not log.last_seq or not log.members:
            return
        user = data.draw(st.sampled_from(sorted(log.members)))
        self.server.read(log, user, data.draw(st.integers(1, log.last_seq)))
        self.correct(data, log)
        if here and user == ME:
            reply = ReceiptReply(log.id, log.members[ME].read, log.unread(ME))
            self.served.append(lambda: self.state.merge_receipt(reply, is_read=True))

    def correct(self, data: st.DataObject, log: Log) -> None:
        """`unread.changed`: figures of this moment, told now or later."""
        if ME in log.members and data.draw(st.booleans()):
            self.served.append(self.event(self.server.unread_event([log.id])))

    # What the client asks.

    @rule(batch=st.integers(1, 3))
    def sync(self, batch: int) -> None:
        if self.syncing is None and (self.state.is_behind or self.state.shelf.dirty):
            self.syncing = SyncPass(self.state, batch=batch)
            self.pinned = {}
            self.ask_page()

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

    @rule(data=st.data())
    def ask_history(self, data: st.DataObject) -> None:
        log = self.place(data)
        if log is None or not log.last_seq:
            return
        low = data.draw(st.integers(1, log.last_seq))
        since = self.state.clock
        messages = self.server.history(log.id, low, low + data.draw(st.integers(0, 4)))
        self.served.append(lambda: self.take(self.state.merge_messages(log.id, messages, since)))

    @rule(data=st.data())
    def ask_conversation(self, data: st.DataObject) -> None:
        log = self.place(data, mine=True)
        if log is None:
            return
        since, shown = self.state.clock, log.view(ME)
        self.served.append(lambda: self.take(self.state.merge_conversation(shown, since)))

    @precondition(lambda self: self.served)
    @rule(data=st.data())
    def post(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.served) - 1))
        self.wire.append(self.reply(self.served.pop(at)))

    # What must hold.

    @invariant()
    def never_ahead_and_never_twice(self) -> None:
        for key, held in self.state.conversations.items():
            assert held.rev <= self.server.logs[key].rev
        assert all(count == 1 for count in self.told.values()), self.told

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

    def teardown(self) -> None:
        self.settle()


Convergence.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestConvergence = Convergence.TestCase
