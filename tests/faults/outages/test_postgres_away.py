"""PostgreSQL is stopped, killed or frozen: refusals in a bounded time, and it all comes back."""

import asyncio
import os
import signal
from uuid import uuid4

import pytest

from tests.faults.conftest import freeze, thaw
from tests.faults.seams import shorten_waits

BOUND_S = {"stopped": 2.0, "killed": 2.0, "frozen": 5.0}
"""For anything that a client asks for meanwhile."""
BACK_S = 15.0


@pytest.fixture(autouse=True)
def waits_are_short(monkeypatch):
    shorten_waits(monkeypatch)


async def stop(postgres, how):
    if how == "frozen":
        freeze(postgres.pid)
        return
    if how == "killed":
        os.kill(postgres.pid, signal.SIGKILL)
    await postgres.stop()


async def start(postgres, how):
    if how == "frozen":
        thaw(postgres.pid)
    else:
        await postgres.start()


async def until_done(wire, op, d):
    """The answer, as soon as the command is not refused as `unavailable`."""
    async with asyncio.timeout(BACK_S):
        while True:
            reply = await wire.reply(await wire.tell(op, d))
            if "error" not in reply:
                return reply["d"]
            assert (reply["error"]["code"], reply["error"]["retryable"]) == ("unavailable", True)
            await asyncio.sleep(0.05)


def commands(key, message):
    target = {"conversation_id": key, "message_id": message["id"]}
    sent: list[tuple[str, dict[str, object]]] = [
        ("message.send", {"conversation_id": key, "client_id": uuid4(), "content": "lost"}),
        ("message.edit", target | {"content": "edited"}),
        ("message.history", {"conversation_id": key}),
        ("conversation.list", {}),
        ("sync", {"conversations": {key: 1}}),
        ("receipt.read", {"conversation_id": key, "seq": 1}),
        ("typing.start", {"conversation_id": key}),
        ("notification.list", {}),
        ("message.search", {"query": "hello"}),
        ("block.list", {}),
    ]
    return sent


async def refused_in_time(wire, op, d, clock, bound_s):
    with clock.time(op, bound_s):
        reply = await wire.reply(await wire.tell(op, d), bound_s)
    assert reply["error"]["code"] == "unavailable", op
    assert reply["error"]["retryable"], op


async def refuses_everything(app, person, asked, clock, bound_s):
    """Every command at once, each on a connection of its own, so that none waits for another."""
    wires = [wire for wire, _op, _d in asked]
    await asyncio.gather(*(refused_in_time(wire, op, d, clock, bound_s) for wire, op, d in asked))
    with clock.time("readyz", 2.0):
        ready = await app.http("GET", "/readyz")
    assert (ready.status, ready.body["status"]) == (503, "unavailable")
    assert (await app.http("GET", "/healthz")).status == 200
    with clock.time("HTTP", bound_s):
        refused = await app.command("conversation.list", person)
    assert (refused.status, refused.body["error"]["code"]) == (503, "unavailable")
    assert all(wire.socket.state.name == "OPEN" for wire in wires)


@pytest.mark.parametrize("how", ["stopped", "killed", "frozen"])
@pytest.mark.timeout(180)
async def test_commands_are_refused_in_time_and_come_back(serve, postgres, clock, how):
    bound_s = BOUND_S[how]
    async with serve(database_url=postgres.dsn(), statement_timeout_ms=1_000) as app:
        anna, ben = await app.people("anna", "ben")
        a, b = await app.connect(anna), await app.connect(ben, "msgpack")
        made = await a.ask("conversation.create", type="direct", participant_ids=[ben.id])
        key = made["conversation"]["id"]
        first = {"conversation_id": key, "client_id": uuid4(), "content": "hello"}
        message = (await a.ask("message.send", first))["message"]
        await b.expect("message.created")
        asked = [(await app.connect(anna), op, d) for op, d in commands(key, message)]

        await stop(postgres, how)
        await refuses_everything(app, anna, asked, clock, bound_s)
        await start(postgres, how)

        with clock.time("back", BACK_S):
            again = await until_done(a, "message.send", first)
        assert again["message"]["id"] == message["id"]
        await until_done(asked[0][0], *asked[0][1:])  # refused, but perhaps stored: not twice
        page = await until_done(b, "message.history", {"conversation_id": key})
        assert [item["content"] for item in page["messages"]] == ["hello", "lost"]
        # By way of the writer, and by way of the outbox.
        await b.expect("message.created", BACK_S, lambda d: d["message"]["seq"] == 2)
        target = {"conversation_id": key, "message_id": message["id"], "emoji": "👍"}
        liked = (await until_done(b, "reaction.add", target))["message"]
        await a.expect("message.updated", BACK_S, lambda d: d["rev"] == liked["rev"])
        assert (await app.http("GET", "/readyz")).body["status"] == "ready"


async def test_hello_is_refused_and_said_again(serve, postgres, clock):
    async with serve(database_url=postgres.dsn(), limits={"connections_per_user": 2}) as app:
        (anna,) = await app.people("anna")
        stays = await app.connect(anna)  # her login is known without PostgreSQL from here on
        wire = await app.open()
        await postgres.stop()
        for _ in range(4):
            await refused_in_time(wire, "hello", {"token": anna.token}, clock, 2.0)
        await postgres.start()
        hello = await until_done(wire, "hello", {"token": anna.token})
        assert hello["user"]["id"] == str(anna.id)
        # Refused hellos count for nothing: this is her second connection, and a third too many.
        for one in (stays, wire):
            await one.flushed()
        third = await app.open()
        await third.tell("hello", {"token": anna.token})
        assert await third.closed() == 4006
