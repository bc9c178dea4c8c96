"""What a session does when connections end and commands are refused, against a scripted server."""

import asyncio
import random
import time

import msgspec
import pytest

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.reconnect import Backoff
from client.errors import BadFrame, CommandError, FrameTooLarge, SessionEnded
from client.session import Patience, Session
from client.state.saved import Saved, restore, save
from tests.integration.client.scripted import CONVERSATION, EMPTY_PAGE, KEY, scripted


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def session(server):
    backoff = Backoff(base_s=0.02, cap_s=0.1)
    patience = Patience(request_s=2, send_s=5)
    dial = Dial(server.url)
    async with Session(
        Credentials(token="t1"), dial, backoff=backoff, patience=patience
    ) as session:
        yield session


@pytest.fixture
async def line(server, session):
    line = await server.line()
    d = await line.greets()
    assert d["token"] == "t1"
    assert "resume" not in d
    await line.syncs(conversations=[CONVERSATION])
    await session.ready()
    return line


async def open_again(server, **fields):
    line = await server.line()
    d = await line.greets(**fields)
    return line, d


async def test_it_resumes_where_it_was(server, session, line):
    await line.says(ev="weather.changed", eid="j.1", at="12", d={"job": "x"})
    await session.until(lambda: session.state.offset == "12")
    await line.socket.close(4004)
    _, d = await open_again(server, resumed=True)
    assert d["resume"] == {"epoch": "e1", "offset": "12", "revs": {}}
    await session.ready()


async def test_it_is_ready_when_what_was_missed_has_come(server, session, line):
    await line.socket.close(1012)
    line, _ = await open_again(server, resumed=True, missed=2)
    await session.until(lambda: session.is_connected)
    assert not session.is_ready
    for number in (1, 2):
        assert not session.is_ready
        await line.says(ev="weather.changed", eid=f"j.{number}", at=f"1{number}", d={})
        await session.until(lambda n=number: session.state.offset == f"1{n}")
    assert session.is_ready


async def test_only_what_is_stale_is_synced(server, session, line):
    await line.socket.close(1012)
    line, _ = await open_again(server, resumed=True, stale=[KEY])
    command = await line.hears("sync")
    assert command["d"]["conversations"] == {KEY: 1}
    assert command["d"]["only_named"]
    await line.says(re=command["id"], d=EMPTY_PAGE | {"synced": {KEY: 1}})
    await session.ready()


async def test_another_process_goes_on_from_what_was_saved(server, session, line):
    await line.says(ev="weather.changed", eid="j.1", at="12", d={"job": "x"})
    await session.until(lambda: session.state.offset == "12")
    written = msgspec.json.encode(save(session.state, time.monotonic()))
    state = restore(msgspec.json.decode(written, type=Saved), time.monotonic())
    async with Session(Credentials(token="t1"), Dial(server.url), state=state) as other:
        _, d = await open_again(server, resumed=True)
        assert d["resume"] == {"epoch": "e1", "offset": "12", "revs": {}}
        await other.ready()
        assert list(other.state.conversations) == [KEY]


async def test_too_slow_is_resumed_at_once_but_not_in_a_loop(server):
    backoff = Backoff(base_s=30.0, cap_s=100.0)
    async with Session(Credentials(token="t1"), Dial(server.url), backoff=backoff) as session:
        line = await server.line()
        await line.greets()
        await line.syncs()
        await session.ready()
        await line.socket.close(4004)
        line, _ = await open_again(server, resumed=True)
        await session.ready()
        backoff.chance = chance = Always(0.2)
        began = time.monotonic()
        await line.socket.close(4004)
        await open_again(server, resumed=True)
        assert time.monotonic() - began >= 0.2
        assert chance.bounds == [30.0 * 2]


class Always(random.Random):
    """A chance that falls on one value, and the bounds that it was asked for."""

    def __init__(self, value):
        super().__init__()
        self.value = value
        self.bounds = []

    def uniform(self, _, high):
        self.bounds.append(high)
        return self.value


async def test_unanswered_sends_are_sent_again_in_order_with_their_own_ids(server, session, line):
    keys = [KEY[:-1] + digit for digit in "567"]
    sends = [asyncio.create_task(session.send(key, key)) for key in keys]
    first = [await line.hears("message.send") for _ in keys]
    await line.socket.close(4005)
    line, _ = await open_again(server, resumed=True)
    again = [await line.hears("message.send") for _ in keys]
    assert [command["d"] for command in again] == [command["d"] for command in first]
    for command in again:
        await line.stores(command, 1)
    stored = [await send for send in sends]
    assert [message.client_id for message in stored] == [c["d"]["client_id"] for c in first]


async def test_a_refusal_for_now_lets_nothing_overtake(server, session, line):
    sends = [asyncio.create_task(session.send(KEY, text)) for text in "abc"]
    command = await line.hears("message.send")
    await line.refuses(command, "rate_limited", retry_after_s=0.01)
    said = []
    for seq in (1, 2, 3):
        command = await line.hears("message.send")
        said.append(command["d"]["content"])
        await line.stores(command, seq)
    assert said == ["a", "b", "c"]
    assert [(await send).seq for send in sends] == [1, 2, 3]


async def test_a_refusal_for_good_is_raised(session, line):
    send = asyncio.create_task(session.send(KEY, "x"))
    await line.refuses(await line.hears("message.send"), "blocked")
    with pytest.raises(CommandError) as refused:
        await send
    assert refused.value.code == "blocked"


async def test_draining_names_the_time_to_come_back(server, session, line):
    began = time.monotonic()
    await line.says(ev="server.draining", d={"reconnect_after_ms": 400})
    await line.socket.close(4005)
    await open_again(server, resumed=True)
    assert 0.35 < time.monotonic() - began < 2


async def test_a_draining_node_that_does_not_close_is_left(server, session, line):
    await line.says(ev="server.draining", d={"reconnect_after_ms": 100})
    await open_again(server, resumed=True)
    assert line.socket.close_code == 1000


async def test_a_draining_node_answers_what_is_under_way(server, session, line):
    read = asyncio.create_task(session.read(KEY, 1))
    command = await line.hears("receipt.read")
    heard = session.changes()
    await line.says(ev="server.draining", d={"reconnect_after_ms": 0})
    assert (await anext(heard)).name == "server.draining"
    await line.says(re=command["id"], d={"conversation_id": KEY, "seq": 1, "unread": 0})
    await line.socket.close(4005)
    assert (await read).seq == 1
    await open_again(server, resumed=True)


async def test_an_ended_login_that_cannot_be_renewed_ends_the_session(session, line):
    heard = session.changes()
    await line.socket.close(4003)
    assert [change.name async for change in heard] == ["session.lost"]
    with pytest.raises(SessionEnded):
        await session.ready()
    with pytest.raises(SessionEnded):
        await session.send(KEY, "x")


async def test_a_violated_protocol_is_not_repeated(session, line):
    await line.socket.close(4002)
    with pytest.raises(SessionEnded, match="4002"):
        await session.until(lambda: False)


async def test_a_reply_that_cannot_be_read_is_a_clear_error(session, line):
    read = asyncio.create_task(session.read(KEY, 1))
    command = await line.hears("receipt.read")
    await line.says(re=command["id"], d={"conversation_id": KEY, "seq": "one"})
    with pytest.raises(BadFrame, match=r"receipt\.read is no ReceiptReply: Expected `int`"):
        await read
    assert session.is_connected


async def test_an_event_that_cannot_be_read_ends_the_session(session, line):
    await line.says(ev="message.created", d={"message": 1})
    with pytest.raises(SessionEnded, match=r"message\.created is no MessageEvent"):
        await session.until(lambda: False)


async def test_a_frame_over_the_limit_is_not_sent(session, line):
    with pytest.raises(FrameTooLarge):
        await session.send(KEY, "x" * 3000)
    send = asyncio.create_task(session.send(KEY, "x"))
    await line.stores(await line.hears("message.send"), 1)
    await send


async def test_a_lost_page_of_a_sync_is_asked_for_again(server, session, line):
    await line.says(ev="resync", d={})
    await line.hears("sync")
    await line.socket.close(1012)
    line, d = await open_again(server, resumed=True)
    assert d["resume"]["offset"] == "10"
    await line.syncs()
    await session.ready()


async def test_a_refused_cursor_begins_the_sync_anew(session, line):
    await line.says(ev="resync", d={})
    command = await line.hears("sync")
    await line.says(re=command["id"], d=EMPTY_PAGE | {"cursor": "c", "complete": False})
    command = await line.hears("sync")
    assert command["d"]["cursor"] == "c"
    await line.refuses(command, "bad_request")
    d = await line.syncs()
    assert d["cursor"] is None
    await session.ready()


async def test_watches_and_presence_are_told_to_the_next_connection(server, session, line):
    appearing = asyncio.create_task(session.appear("away", "lunch"))
    command = await line.hears("presence.set")
    await line.says(re=command["id"], d={})
    await appearing
    watching = asyncio.create_task(session.watch([KEY]))
    command = await line.hears("presence.watch")
    shown = {"user_id": KEY, "status": "online", "text": None, "last_seen_at": None}
    await line.says(re=command["id"], d={"presences": [shown]})
    await watching
    assert session.state.ephemeral.presences[KEY].status == "online"
    await line.socket.close(4004)
    line, _ = await open_again(server, resumed=True)
    command = await line.hears("presence.set")
    assert command["d"] == {"status": "away", "text": "lunch"}
    await line.says(re=command["id"], d={})
    assert not session.state.ephemeral.presences
    command = await line.hears("presence.watch")
    await line.refuses(command, "unavailable", retry_after_s=0.01)
    command = await line.hears("presence.set")
    await line.says(re=command["id"], d={})
    command = await line.hears("presence.watch")
    assert command["d"] == {"user_ids": [KEY]}
    await line.says(re=command["id"], d={"presences": [shown]})
    await session.until(lambda: KEY in session.state.ephemeral.presences)
