"""Between the commit and the clients: a writer that dies, an answer that is lost. Once, and all."""

import asyncio
import contextlib
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg

from storage.messages.writer import SEND_SQL
from tests.faults.proxy import proxy_to
from tests.wire import WAIT_S

RELAYED_S = 2.5
"""A row of another writer is taken after 1.5 s, by a relay that looks each 0.5 s."""


@contextlib.asynccontextmanager
async def proxied(url):
    """A proxy before the server of a URL, and the URL that leads through it."""
    parts = urlsplit(url)
    async with proxy_to(parts.hostname, parts.port) as proxy:
        yield proxy, url.replace(f":{parts.port}", f":{proxy.port}")


async def direct(wire, other):
    """The key of a new direct conversation."""
    made = await wire.ask("conversation.create", type="direct", participant_ids=[other.id])
    return made["conversation"]["id"]


def created(wire):
    """The seqs of the messages that a connection was told of, in order."""
    events = [frame for frame in wire.frames if frame.get("ev") == "message.created"]
    return [event["d"]["message"]["seq"] for event in events]


async def outbox_is_empty(app):
    async with asyncio.timeout(WAIT_S):
        while await app.app.core.foundation.pool.fetchval(
            "select count(*) from outbox where consumer = 'realtime'"
        ):
            await asyncio.sleep(0.05)


async def test_what_a_dead_writer_committed_is_published(app, database_url, clock):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben, "msgpack")
    key = await direct(a, ben)
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        # All that a writer does up to its commit; then it is gone.
        rows = await connection.fetch(
            SEND_SQL,
            *[[UUID(key)] * 2, [anna.id] * 2, [uuid4(), uuid4()], [b"1" * 16, b"2" * 16]],
            *[["text"] * 2, ["one", "two"], [None] * 2, [None] * 2, [None] * 2],
            *[uuid4(), None, True, 500],
        )
    finally:
        await connection.close()
    assert [row["verdict"] for row in rows] == ["ok", "ok"]
    with clock.time("relayed", RELAYED_S):
        for wire in (a, b):
            for content in ("one", "two"):
                event = await wire.expect("message.created")
                assert event["d"]["message"]["content"] == content
    await outbox_is_empty(app)
    sent = await a.ask("message.send", conversation_id=key, client_id=uuid4(), content="three")
    await b.expect("message.created", where=lambda d: d["message"] == sent["message"])
    assert created(b) == [1, 2, 3]


async def test_an_answer_of_postgresql_that_is_lost(serve, database_url, clock):
    """The group is stored, its connection lost: the same group again finds itself repeated."""
    async with (
        proxied(database_url) as (proxy, url),
        serve(database_url=url) as app,
    ):
        anna, ben = await app.people("anna", "ben")
        a, b = await app.connect(anna), await app.connect(ben)
        key = await direct(a, ben)
        await a.ask("message.send", conversation_id=key, client_id=uuid4(), content="first")
        proxy.lose(b"the answer to this is lost")
        with clock.time("send", 2.0):
            sent = await a.ask(
                "message.send",
                conversation_id=key,
                client_id=uuid4(),
                content="the answer to this is lost",
            )
        assert proxy.lost == 1
        assert sent["message"]["seq"] == 2
        # Nobody published it with its group, so it comes by the outbox.
        with clock.time("relayed", RELAYED_S):
            await b.expect("message.created", where=lambda d: d["message"]["seq"] == 2)
        await a.ask("message.send", conversation_id=key, client_id=uuid4(), content="last")
        await b.expect("message.created", where=lambda d: d["message"]["seq"] == 3)
        assert created(b) == [1, 2, 3]


async def test_an_answer_to_an_edit_that_is_lost(serve, database_url):
    """A change is not made again: the client is told to ask, and finds it done."""
    async with (
        proxied(database_url) as (proxy, url),
        serve(database_url=url) as app,
    ):
        anna, ben = await app.people("anna", "ben")
        a, b = await app.connect(anna), await app.connect(ben)
        key = await direct(a, ben)
        sent = await a.ask("message.send", conversation_id=key, client_id=uuid4(), content="one")
        edit = {"conversation_id": key, "message_id": sent["message"]["id"], "content": "edited"}
        proxy.lose(b"edited")
        assert (await a.refusal("message.edit", edit))["code"] == "unavailable"
        again = await a.ask("message.edit", edit)
        assert (again["message"]["content"], again["message"]["rev"]) == ("edited", 3)
        event = await b.expect("message.updated")
        assert event["d"]["message"] == again["message"]


async def test_an_answer_of_redis_that_is_lost(serve, redis_url):
    """The events were published, and are again from the outbox: every client sees each once."""
    async with (
        proxied(redis_url) as (proxy, url),
        serve(redis_url=url) as app,
    ):
        anna, ben = await app.people("anna", "ben")
        a, b, b2 = [await app.connect(person) for person in (anna, ben, ben)]
        key = await direct(a, ben)
        proxy.lose(b"the answer to this is lost")
        body = {"conversation_id": key, "content": "the answer to this is lost"}
        await a.ask("message.send", body, client_id=uuid4())
        await b.expect("message.created")
        assert proxy.lost == 1
        await outbox_is_empty(app)
        last = await a.ask("message.send", body | {"content": "last"}, client_id=uuid4())
        for wire in (b, b2):
            await wire.expect("message.created", where=lambda d: d["message"] == last["message"])
            assert created(wire) == [1, 2]
