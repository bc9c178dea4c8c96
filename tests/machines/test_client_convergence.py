"""Whatever is lost, repeated, late or cut, the client's state becomes the server's.

Random histories reach a client as events, replies, pages of sync and of history, over connections
that break and go on from a log, which may be trimmed, lost or made anew; the program itself may be
ended and begin again with what it had saved. Afterwards it must equal a client that has just loaded
everything, and must have told each message as created once.
"""

from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from protocol.replies import ReceiptReply
from tests.machines.client_harness import Network, pick
from tests.machines.miniature import ME, PEOPLE, THIRD, YOU


class Convergence(Network):
    """What happens on the server, and what the client asks."""

    @initialize(said=st.lists(st.booleans(), max_size=8), read=st.integers(0, 8))
    def past(self, said: list[bool], read: int) -> None:
        """A conversation from before the client's time, of which some messages are deleted."""
        if not said:
            return
        log = self.server.create((ME, YOU))
        for is_deleted in said:
            self.server.send(log, YOU, None)
            if is_deleted:
                self.server.delete(log, log.last_seq)
        self.server.read(log, ME, read)
        log.unpublished.clear()
        log.members[ME].joined_at = log.last_seq

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
                self.delivery.has_reply(log.id, log.rev)

    @rule(data=st.data(), what=st.sampled_from(["edit", "delete", "react", "unreact", "pin"]))
    def change(self, data: st.DataObject, what: str) -> None:
        log = self.place(data)
        alive = [m for m in log.messages if not m.is_deleted] if log is not None else []
        if log is None or not alive:
            return
        message = pick(data, alive)
        fields: dict[str, dict[str, object]] = {
            "edit": {"content": f"{message.content}!", "edited_at": "t"},
            "react": {"reactions": {"+": [YOU]}, "reaction_counts": {"+": 1}},
            "unreact": {"reactions": {}, "reaction_counts": {}},
            "pin": {"is_pinned": not message.is_pinned},
        }
        if what == "delete":
            self.server.delete(log, message.seq)
        else:
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


Convergence.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestConvergence = Convergence.TestCase
