"""What one connection, person or address may hold open, and how a connection must begin."""

import asyncio
import contextlib
import socket

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.integration.doors.raw import raw
from tests.integration.limits.scene import make_room
from tests.wire import FORMATS, pack, unpack

HELD = "select 1 from conversations where id = $1 for update"
POST = b"POST /v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n"
PAD = {"id": 1, "op": "ping", "d": {"pad": ""}}


def padded(form, size):
    """A ping of exactly so many bytes: an unknown field is ignored."""
    pad = "x" * (size - len(pack(form, {**PAD, "d": {"pad": "x" * 300}})) + 300)
    frame = pack(form, {**PAD, "d": {"pad": pad}})
    assert len(frame) == size
    return frame


@pytest.mark.parametrize("form", FORMATS)
async def test_frame_bytes(serve, form):
    async with serve(limits={"frame_bytes": 1000}) as app:
        wire = await app.connect(await app.person(), form)
        assert wire.hello["limits"]["frame_bytes"] == 1000
        # The envelope's own id is one that hello has used already: both replies are told apart.
        await wire.send_frame(padded(form, 1000))
        assert "server_time" in await wire.answer(1)
        await wire.send_frame(padded(form, 1001))
        assert await wire.closed() == 1009


async def test_frame_bytes_bound_a_body_too(serve):
    async with serve(limits={"frame_bytes": 20_000}) as app:
        person = await app.person()
        fits, over = ("x" * (size - len('{"query": ""}')) for size in (20_000, 20_001))
        refused = await app.command("message.search", person, {"query": fits})
        assert refused.body["error"]["code"] == "validation_failed"
        refused = await app.command("message.search", person, {"query": over})
        assert (refused.status, refused.body["error"]["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize("form", FORMATS)
async def test_bad_frames_in_a_row(serve, form):
    async with serve(limits={"bad_frames": 3}) as app:
        wire = await app.connect(await app.person(), form)
        bad = pack(form, [])
        for frames in (2, 2, 3):
            for _ in range(frames):
                await wire.send_frame(bad)
            for _ in range(frames):
                assert (await wire.reply(None))["error"]["code"] == "bad_request"
            if frames < 3:
                await wire.ask("ping")
        assert await wire.closed() == 4002


async def test_in_flight_commands_are_all_answered(serve):
    async with serve(limits={"in_flight": 2}) as app:
        room = await make_room(app)
        assert room.a.hello["limits"]["in_flight"] == 2
        sends = [await room.a.tell("message.send", room.message(f"{n}")) for n in range(40)]
        reads = [await room.a.tell("message.history", conversation_id=room.id) for _ in range(5)]
        seqs = [(await room.a.answer(number))["message"]["seq"] for number in sends]
        assert seqs == list(range(1, 41))
        for number in reads:
            await room.a.answer(number)


async def test_in_flight_is_where_reading_stops(serve):
    async with serve(limits={"in_flight": 2}) as app:
        room = await make_room(app)
        for held, is_read in ((1, True), (2, False)):
            async with (
                app.app.core.foundation.pool.acquire() as connection,
                connection.transaction(),
            ):
                await connection.execute(HELD, room.id)
                sends = [await room.a.tell("message.send", room.message()) for _ in range(held)]
                ping = await room.a.tell("ping")
                replies = [await room.a.reply(number) for number in (*sends, ping)]
            order = [room.a.frames.index(reply) for reply in replies]
            assert (order[-1] < min(order[:-1])) is is_read


async def test_connections_per_user(serve):
    limits = {"connections_per_user": 2}
    async with serve(limits=limits) as app, serve(limits=limits) as other:
        anna, ben = await app.people("anna", "ben")
        first = await app.connect(anna)
        await other.connect(anna, "msgpack")
        for place in (app, other):
            wire = await place.open()
            await wire.tell("hello", token=anna.token)
            assert await wire.closed() == 4006
        await app.connect(ben)
        await first.close()
        # Her place is free once the server has seen the end of it.
        async with asyncio.timeout(10):
            while True:
                wire = await app.open()
                hello = await wire.tell("hello", token=anna.token)
                with contextlib.suppress(ConnectionClosed):
                    await wire.answer(hello)
                    break
                assert await wire.closed() == 4006


async def test_connections_per_address(serve):
    limits = {"connections_per_address": 2}
    async with serve(limits=limits, trusted_proxies="127.0.0.0/8") as app:
        people = await app.people("anna", "ben")
        near = {"additional_headers": {"X-Forwarded-For": "192.0.2.1"}}
        wires = [await app.connect(person, **near) for person in people]
        assert await (await app.open(**near)).closed() == 4006
        await app.connect(people[0], additional_headers={"X-Forwarded-For": "192.0.2.2"})
        for wire in wires:
            await wire.ask("ping")


async def test_connections_per_address_believe_nobody(serve):
    async with serve(limits={"connections_per_address": 1}) as app:
        person = await app.person()
        await app.connect(person, additional_headers={"X-Forwarded-For": "192.0.2.1"})
        forged = {"X-Forwarded-For": "192.0.2.2"}
        assert await (await app.open(additional_headers=forged)).closed() == 4006


async def test_unauthenticated_per_address(serve):
    async with serve(limits={"unauthenticated_per_address": 1}) as app:
        person = await app.person()
        first = await app.open()
        assert await (await app.open()).closed() == 4006
        await first.ask("hello", token=person.token)
        await app.connect(person)


async def test_queue_bytes(serve):
    async with serve(limits={"queue_bytes": 100_000, "content_chars": 15_000}) as app:
        room = await make_room(app)
        before = set(app.app.core.delivery.hub.listeners.mailboxes())
        slow = await _slow(app, room.ben)
        (mailbox,) = set(app.app.core.delivery.hub.listeners.mailboxes()) - before
        sent = []
        while mailbox.waiting_bytes <= 100_000:
            sent.append((await room.send("界" * 15_000))["id"])
        assert slow.state.name == "OPEN"
        sent.append((await room.send("one more"))["id"])
        for message_id in sent:
            assert (await room.b.expect("message.created"))["d"]["message"]["id"] == message_id
        got = []
        with contextlib.suppress(ConnectionClosed):
            async for text in slow:
                frame = unpack("json", text)
                if frame.get("ev") == "message.created":
                    got.append(frame["d"]["message"]["id"])
        assert slow.close_code == 4004
        assert got == sent[: len(got)]
        assert len(got) < len(sent)
        await room.b.ask("ping")


async def _slow(app, person):
    """A connection that has said hello and now reads nothing, with little room before it."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", app.app.ws_port))
    narrow.setblocking(False)
    slow = await connect(
        f"ws://127.0.0.1:{app.app.ws_port}/v1/ws",
        sock=narrow,
        max_queue=1,
        compression=None,
        ping_interval=None,
    )
    await slow.send(pack("json", {"id": 1, "op": "hello", "d": {"token": person.token}}))
    assert "d" in unpack("json", await slow.recv())
    return slow


async def test_hello_in_time(serve):
    async with serve(hello_timeout_s=0.5) as app:
        assert await (await app.open()).closed() == 4001


@pytest.mark.parametrize("form", FORMATS)
async def test_hello_first(app, form):
    person = await app.person()

    async def refused(op, **d):
        wire = await app.open(form)
        error = await wire.refusal(op, d)
        assert await wire.closed() == 4001
        return error["code"]

    assert await refused("ping") == "unauthenticated"
    assert await refused("token.refresh", token=person.token) == "unauthenticated"
    assert await refused("hello") == "unauthenticated"
    assert await refused("hello", token="x" * 43) == "unauthenticated"
    assert await refused("hello", token=7) == "validation_failed"
    expired = await app.person(expires_in_s=-1)
    assert await refused("hello", token=expired.token) == "unauthenticated"
    wire = await app.open(form)
    await wire.send_frame(pack(form, 7))
    assert (await wire.reply(None))["error"]["code"] == "bad_request"
    assert await wire.closed() == 4001


async def test_hello_once(app):
    person = await app.person()
    wire = await app.open(additional_headers={"Authorization": f"Bearer {person.token}"})
    assert (await wire.ask("hello"))["session_id"] == str(person.session_id)
    assert (await wire.refusal("hello", token=person.token))["code"] == "conflict"
    await wire.ask("ping")


async def test_subprotocols(app):
    person = await app.person()
    with pytest.raises(InvalidStatus) as refused:
        await app.open("xml")
    assert refused.value.response.status_code == 400
    wire = await app.open(None)
    assert wire.socket.subprotocol is None
    await wire.ask("hello", token=person.token)
    assert (await app.open("msgpack")).socket.subprotocol == "parley.v1.msgpack"


@pytest.mark.parametrize(
    ("uri", "status"), [("/v1/ws?token=secret", 400), ("/v2/ws", 404), ("/", 404)]
)
async def test_addresses_that_are_refused(app, uri, status):
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{app.app.ws_port}{uri}", proxy=None)
    assert refused.value.response.status_code == status


async def test_origins(serve):
    async with serve(
        allowed_origins="https://parley.example", public_url="https://chat.example/"
    ) as app:
        for origin in (
            "https://parley.example",
            "https://PARLEY.example",
            "https://chat.example",
            f"http://127.0.0.1:{app.app.http_port}",
            f"http://127.0.0.1:{app.app.ws_port}",
        ):
            await app.connect(await app.person(), origin=origin)
        await app.connect(await app.person())
        for origin in (
            "https://evil.example",
            "null",
            "https://parley.example.evil.example",
            "http://127.0.0.1:3000",
            f"http://localhost:{app.app.http_port}",
        ):
            with pytest.raises(InvalidStatus) as refused:
                await app.open(origin=origin)
            assert refused.value.response.status_code == 403


async def test_a_login_that_runs_out(app):
    wire = await app.connect(await app.person(expires_in_s=1))
    assert await wire.closed() == 4003


async def test_a_login_that_is_ended(app):
    person = await app.person()
    mine, tablet = await app.connect(person), await app.connect(await app.login(person))
    answer = await app.http("POST", "/v1/auth/logout", person)
    assert answer.status < 300
    assert await mine.closed() == 4003
    await tablet.ask("ping")


async def test_a_token_renewed_in_place(app):
    person = await app.person(expires_in_s=2)
    wire = await app.connect(person)
    later = await app.login(person)
    assert (await wire.refusal("token.refresh", token=later.token))["code"] == "forbidden"
    assert (await wire.refusal("token.refresh", token="x" * 43))["code"] == "unauthenticated"
    refreshed = await app.http(
        "POST", "/v1/auth/refresh", None, {"refresh_token": person.refresh_token}
    )
    assert refreshed.status == 200, refreshed.body
    renewed = await wire.ask("token.refresh", token=refreshed.body["access_token"])
    assert renewed["token_expires_at"] > wire.hello["token_expires_at"]
    with pytest.raises(TimeoutError):
        await wire.closed(timeout_s=2)
    await wire.ask("ping")


async def test_http_per_address_ends_the_longest_idle(serve):
    async with (
        serve(limits={"http_per_address": 3}) as app,
        raw(app.app.http_port, 3) as (first, second, third),
    ):
        for one in (third, second, first):
            assert (await one.ask())[0] == 200
        async with raw(app.app.http_port) as (fourth,):
            assert await third.rest() == b""
            for one in (first, second, fourth):
                assert (await one.ask())[0] == 200


async def test_body_bytes_per_s(serve):
    async with (
        serve(body_timeout_s=0.4, limits={"body_bytes_per_s": 100}) as app,
        raw(app.app.http_port) as (slow,),
    ):
        await slow.send(POST)

        async def trickle():
            while True:
                await slow.send(b" ")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        assert (await slow.rest()).startswith(b"HTTP/1.1 408 ")
        trickling.cancel()
