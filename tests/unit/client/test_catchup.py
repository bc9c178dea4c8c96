"""What is owed is loaded, also when the user leaves and comes back while a page is on its way."""

from typing import Any

import pytest

from client.catchup import CatchUp
from client.errors import CommandError, ErrorReply
from client.state.changes import Change, Event
from client.state.ranges import Ranges
from protocol.events import ConversationEvent, MemberEvent
from protocol.replies import MessagePage, SyncReply
from tests.unit.client.builders import KEY, ME, message, shown


class Server:
    """A connection that answers for history; `meanwhile` happens before its first answer."""

    def __init__(self, meanwhile, *, refuses):
        self._meanwhile = meanwhile
        self._refuses = refuses

    async def request(self, op, d, shape, *, applied):
        assert (op, shape) == ("message.history", MessagePage)
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
            if self._refuses:
                raise CommandError(op, ErrorReply("not_found", "no such conversation"))
        first = d["after_seq"] + 1
        page = [message(seq) for seq in range(first, min(first + d["limit"], 6))]
        applied(MessagePage(page, has_more=False))


@pytest.mark.parametrize("refuses", [True, False])
async def test_coming_back_while_a_page_is_on_its_way(state, refuses):
    told: list[Change] = []
    work = CatchUp(state, told.extend)

    def leave_and_return():
        state.apply(Event("member.left", MemberEvent(KEY, ME, "member", 7, 6)), 0.0)
        again = ConversationEvent(shown(rev=8, last_seq=5), 8, 7)
        state.apply(Event("conversation.created", again), 0.0)
        owe()

    def owe():
        state.store.held[KEY].told.remove(4, 5)
        state.store.owe(KEY, Ranges((4, 5)))

    owe()
    server: Any = Server(leave_and_return, refuses=refuses)
    while KEY in state.store.owed:
        await work._fill(server, KEY, 50)
    assert [change.d.message.seq for change in told] == [4, 5]


class Away:
    """A server of which the user is no member at first: it refuses history, and then shows both."""

    def __init__(self, *, returns):
        self.refusals = 0
        self._returns = returns

    async def request(self, op, _d, shape, *, applied, **_):
        if op == "message.history" and (not self.refusals or not self._returns):
            self.refusals += 1
            raise CommandError(op, ErrorReply("not_found", "no such conversation"))
        if op == "message.history":
            applied(MessagePage([message(4), message(5)], has_more=False))
            return
        assert shape is SyncReply
        shown_now = [shown(rev=8, last_seq=5)] if self._returns else []
        applied(
            SyncReply(
                conversations=shown_now,
                messages=[],
                receipts=[],
                synced={one.id: one.rev for one in shown_now},
                truncated={},
                gone=[] if self._returns else [KEY],
                reset=[],
                cursor=None,
                complete=True,
            )
        )


@pytest.mark.parametrize("returns", [True, False])
async def test_a_refused_page_is_asked_for_again_unless_the_conversation_is_gone(state, returns):
    """The user left and came back, or did not, and neither event has been heard."""
    told: list[Change] = []
    work = CatchUp(state, told.extend)
    state.store.held[KEY].told.remove(4, 5)
    state.store.owe(KEY, Ranges((4, 5)))
    server: Any = Away(returns=returns)
    await work._work(server, 50)
    assert (server.refusals, told, work.is_due) == (1, [], True)
    await work._work(server, 50)
    assert not work.is_due
    created = [change.d.message.seq for change in told if change.name == "message.created"]
    assert created == ([4, 5] if returns else [])
    assert (KEY in state.store.held) is returns


async def test_leaving_while_a_page_is_on_its_way_asks_for_nothing(state):
    """The page is refused then, and what comes late of the time before is of no use."""
    work = CatchUp(state, lambda _changes: None)

    def leave():
        state.apply(Event("member.left", MemberEvent(KEY, ME, "member", 7, 6)), 0.0)

    state.store.owe(KEY, Ranges((4, 5)))
    server: Any = Server(leave, refuses=True)
    await work._work(server, 50)
    assert not work.is_due
    assert state.store.forgotten[KEY][0] == 7
