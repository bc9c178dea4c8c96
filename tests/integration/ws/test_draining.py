"""A node that goes away says so to everyone on it, and when to come back."""

import asyncio
import contextlib

import aiohttp
import asyncpg
import pytest

from server.ws import gateway
from server.ws.gateway import departures_ms
from tests.wire import FORMATS, WAIT_S, open_wire


async def test_everyone_is_told_and_closed(serve):
    async with serve(drain_s=3) as app:
        people = await app.people("anna", "ben")
        wires = [await open_wire(app.app.ws_port, form) for form in FORMATS]
        for person, wire in zip(people, wires, strict=True):
            await wire.ask("hello", token=person.token)
        silent = await open_wire(app.app.ws_port, "json")
    delays = set()
    for wire in wires:
        assert await wire.closed() == 4005
        (told,) = [event for event in wire.events if event["ev"] == "server.draining"]
        delays.add(told["d"]["reconnect_after_ms"])
        await wire.close()
    assert len(delays) == 2
    assert all(0 <= delay <= 3000 for delay in delays)
    assert await silent.closed() == 4005
    assert not silent.frames
    await silent.close()


@contextlib.asynccontextmanager
async def held(database_url, conversation):
    """Nobody gets the conversation's lock until `rollback` of the result, or the end of the block.

    Gives the connection and its transaction.
    """
    connection = await asyncpg.connect(database_url, timeout=WAIT_S)
    lock = connection.transaction()
    await lock.start()
    await connection.execute(
        "select from conversations where id = $1 for update", conversation["id"]
    )
    yield connection, lock
    await connection.close(timeout=WAIT_S)


def message(conversation):
    """A message as sent."""
    return {
        "conversation_id": conversation["id"],
        "client_id": conversation["id"],
        "content": "just before the end",
    }


async def talking(app):
    """A person, a connection of theirs that outlives the app, and a conversation."""
    anna, ben = await app.people("anna", "ben")
    wire = await open_wire(app.app.ws_port, "json")
    await wire.ask("hello", token=anna.token)
    made = await wire.ask("conversation.create", type="direct", participant_ids=[ben.id])
    return anna, wire, made["conversation"]


async def test_what_is_under_way_is_answered_first(serve, database_url, owner):
    async with contextlib.AsyncExitStack() as stack:
        app = await stack.enter_async_context(serve(lock_timeout_ms=4000))
        _anna, wire, conversation = await talking(app)
        async with held(database_url, conversation) as (other, lock):
            sent = await wire.tell("message.send", message(conversation))
            await _until_somebody_waits_for_a_lock(owner)
            ending = asyncio.create_task(stack.aclose())
            await wire.expect("server.draining")
            await lock.rollback()
            assert (await wire.answer(sent))["message"]["content"] == "just before the end"
            assert await wire.closed() == 4005
            await ending
            assert not await other.fetch("select from outbox where consumer = 'realtime'")
        await wire.close()


async def test_a_request_under_way_is_answered_and_ends_its_connection(serve, database_url, owner):
    async with contextlib.AsyncExitStack() as stack:
        app = await stack.enter_async_context(serve(lock_timeout_ms=4000))
        anna, wire, conversation = await talking(app)
        url = f"http://127.0.0.1:{app.app.http_port}"
        login = {"Authorization": f"Bearer {anna.token}"}
        async with (
            held(database_url, conversation) as (_other, lock),
            aiohttp.ClientSession(url, headers=login) as http,
        ):
            path = "/v1/commands/message.send"
            sending = asyncio.create_task(http.post(path, json=message(conversation)))
            await _until_somebody_waits_for_a_lock(owner)
            ending = asyncio.create_task(stack.aclose())
            assert await wire.closed() == 4005
            await lock.rollback()
            async with await sending as answer:
                assert answer.status == 200
                assert answer.headers["Connection"] == "close"
            await ending
            with pytest.raises(aiohttp.ClientConnectorError):
                await http.get("/healthz")
        await wire.close()


async def test_who_asks_on_an_open_connection_hears_that_it_drains(serve, monkeypatch):
    monkeypatch.setattr(gateway, "REJOIN_MS", 2000)
    async with contextlib.AsyncExitStack() as stack:
        app = await stack.enter_async_context(serve())
        _anna, wire, _conversation = await talking(app)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{app.app.http_port}") as http:
            async with http.get("/readyz") as answer:
                assert answer.status == 200
                assert "Connection" not in answer.headers
            ending = asyncio.create_task(stack.aclose())
            await wire.expect("server.draining")
            async with http.get("/readyz") as answer:
                assert answer.status == 503
                assert answer.headers["Connection"] == "close"
                assert (await answer.json())["warnings"] == ["draining: connect to another node"]
            await wire.close()
            await ending


async def _until_somebody_waits_for_a_lock(owner):
    async with asyncio.timeout(WAIT_S):
        while not await owner.fetchval(
            "select true from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock'"
        ):
            await asyncio.sleep(0.01)


async def test_a_client_is_served_until_its_time(serve, monkeypatch):
    monkeypatch.setattr(gateway, "REJOIN_MS", 1000)
    async with contextlib.AsyncExitStack() as stack:
        app = await stack.enter_async_context(serve())
        wire = await open_wire(app.app.ws_port, "json")
        await wire.ask("hello", token=(await app.person()).token)
        ending = asyncio.create_task(stack.aclose())
        told = await wire.expect("server.draining")
        assert told["d"]["reconnect_after_ms"] == 1000
        with pytest.raises(ConnectionRefusedError):
            await open_wire(app.app.ws_port, "json")
        assert await wire.ask("ping") is not None
        assert await wire.closed() == 4005
        await ending
        await wire.close()


async def test_who_leaves_by_itself_is_not_waited_for(serve, monkeypatch):
    monkeypatch.setattr(gateway, "REJOIN_MS", 120_000)
    async with contextlib.AsyncExitStack() as stack:
        app = await stack.enter_async_context(serve(drain_s=120))
        wire = await open_wire(app.app.ws_port, "json")
        await wire.ask("hello", token=(await app.person()).token)
        ending = asyncio.create_task(stack.aclose())
        await wire.expect("server.draining")
        await wire.close()
        async with asyncio.timeout(WAIT_S):
            await ending


@pytest.mark.parametrize(
    ("count", "drain_ms", "expected"),
    [
        (0, 10_000, []),
        (1, 10_000, [10]),
        (3, 10_000, [10, 20, 30]),
        (4, 10, [2, 5, 7, 10]),
    ],
)
def test_departures_are_even_and_within_the_time(count, drain_ms, expected):
    assert departures_ms(count, drain_ms) == expected
