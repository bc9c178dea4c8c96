"""Text that cannot be stored is refused for its command, with its path, alike over both doors."""

import json

import msgpack  # type: ignore[import-untyped]  # it ships no types
import pytest

from protocol import codec
from protocol.codec import HALF_PAIR_COST, JSON, MSGPACK
from tests.integration.limits.scene import make_room
from tests.wire import FORMATS

HALF = "must not contain half a surrogate pair"
NUL = "must not contain U+0000"
PLACES = {
    "content": lambda text: {"content": text},
    "attachments[1].file_id": lambda text: {"attachments": [{}, {"file_id": text}]},
    "unknown.deeper[0]": lambda text: {"unknown": {"deeper": [text]}},
    "a?": lambda text: {"a" + text: 1},
}


def packed(form, command_id, op, d):
    value = {"id": command_id, "op": op, "d": d}
    if form == "json":
        return json.dumps(value)
    return msgpack.packb(value, unicode_errors="surrogatepass")


async def refused(wire, form, op, d):
    """The error that the command gets, and it alone."""
    await wire.send_frame(packed(form, 7_000, op, d))
    return (await wire.reply(7_000))["error"]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("path", PLACES)
async def test_half_a_pair_over_websockets(app, form, path):
    room = await make_room(app)
    wire = await app.connect(room.anna, form)
    error = await refused(wire, form, "message.send", room.message() | PLACES[path]("\ud800"))
    assert error["code"] == "validation_failed"
    assert error["details"] == {"path": path, "reason": HALF}
    assert not error["retryable"]
    # Nothing is counted as a frame that was not understood, and the order of sends goes on.
    for _ in range(12):
        await refused(wire, form, "message.send", room.message("\udfff"))
    await wire.ask("message.send", room.message("whole \U0001f600"))


@pytest.mark.parametrize("path", PLACES)
async def test_half_a_pair_over_http(app, path):
    room = await make_room(app)
    body = json.dumps(room.message() | PLACES[path]("\ud800"))
    told = {"data": body, "headers": {"Content-Type": "application/json"}}
    answer = await app.http("POST", "/v1/commands/message.send", room.anna, **told)
    assert answer.status == 422
    assert answer.body["error"]["code"] == "validation_failed"
    assert answer.body["errors"] == [{"path": path, "code": "invalid", "message": HALF}]


async def test_half_a_pair_over_every_kind_of_path(app):
    room = await make_room(app)
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    for method, where, person in (
        ("POST", f"/v1/conversations/{room.id}/messages", room.anna),
        ("POST", "/v1/gigs", room.anna),
        ("PATCH", "/v1/me", room.anna),
        ("POST", "/v1/auth/login", None),
    ):
        answer = await app.http(method, where, person, data='{"title":"\\ud800"}', headers=headers)
        assert answer.status == 422, answer.body
        assert answer.body["errors"][0]["path"] == "title"


@pytest.mark.parametrize("form", FORMATS)
async def test_nul_over_both_doors(app, form):
    room = await make_room(app)
    wire = await app.connect(room.anna, form)
    error = await refused(wire, form, "message.send", room.message("a\0"))
    assert (error["code"], error["details"]["path"]) == ("validation_failed", "content")
    assert error["details"]["reason"] == NUL
    answer = await app.command("message.send", room.anna, room.message("a\0"))
    assert answer.status == 422
    assert answer.body["errors"] == [{"path": "content", "code": "invalid", "message": NUL}]


async def test_nul_within_a_member_that_may_hold_anything(app):
    person = await app.person()
    category = await app.app.core.foundation.pool.fetchval(
        "insert into categories (slug, name) values ('video', 'Video') returning id::text"
    )
    job = {"title": "Film", "description": "Of our fair", "category_id": category}

    async def create(requirements):
        body = job | {"requirements": requirements}
        return await app.http("POST", "/v1/jobs", person, body)

    for requirements, path in (
        ({"a": ["x", "y\0"]}, "requirements.a[1]"),
        ({"b": {"\0": 1}}, "requirements.b.\0"),
    ):
        answer = await create(requirements)
        assert answer.status == 422
        assert answer.body["errors"] == [{"path": path, "code": "invalid", "message": NUL}]
    assert (await create({"a": "\\u0000"})).status == 201


@pytest.mark.parametrize("form", FORMATS)
async def test_the_slow_decoder_is_asked_only_when_the_fast_one_failed(app, form, monkeypatch):
    asked = []
    slow = codec._decoded_slowly

    def counted(data, **options):
        asked.append(data)
        return slow(data, **options)

    monkeypatch.setattr(codec, "_decoded_slowly", counted)
    room = await make_room(app)
    wire = await app.connect(room.anna, form)
    await wire.ask("message.send", room.message("\U0001f600 and \\ud800"))
    await app.command("message.send", room.anna, room.message("\U0001f600 and \\ud800"))
    await wire.send_frame("{" if form == "json" else b"\xc1")
    await wire.reply(None)
    assert asked == []
    await refused(wire, form, "message.send", room.message("\ud800"))
    assert len(asked) == 1


SLOW = 0.001
BURST = 20


@pytest.mark.parametrize("form", FORMATS)
async def test_what_it_costs_over_websockets(serve, form):
    async with serve(
        rate_limits=True, limits={"commands_per_s": SLOW, "commands_burst": BURST}
    ) as app:
        wire = await app.connect(await app.person(), form)
        for _ in range(int(BURST // HALF_PAIR_COST)):
            assert (await refused(wire, form, "ping", {"a": "\ud800"}))["code"] == (
                "validation_failed"
            )
        # Who has no tokens left is not told where: the frame is one that was not understood.
        for _ in range(10):
            await wire.send_frame(packed(form, 7_001, "ping", {"a": "\ud800"}))
            assert (await wire.reply(None))["error"]["code"] == "bad_request"
        assert await wire.closed() == 4002


async def test_what_it_costs_over_http(serve):
    async with serve(
        rate_limits=True, limits={"commands_per_s": SLOW, "commands_burst": BURST}
    ) as app:
        person = await app.person()
        told = {"data": '{"a":"\\ud800"}', "headers": {"Content-Type": "application/json"}}
        statuses = []
        for _ in range(4):
            answer = await app.http("POST", "/v1/commands/ping", person, **told)
            statuses.append(answer.status)
        # Each takes one token for the command, and five.
        assert statuses == [422, 422, 422, 429]


def test_only_halves_are_found():
    for form in (JSON, MSGPACK):
        whole = packed("json" if form is JSON else "msgpack", 1, "ping", {"a": "\U0001f600"})
        data = whole.encode() if isinstance(whole, str) else whole
        assert codec.refused_half_pair(form, data) is None


def test_paths_are_put_together_for_one_place_only():
    """A long key with many lists below would be copied for each of them."""
    lists = b",".join([b"[]"] * 10_000)
    frame = b'{"id":1,"op":"ping","d":{"%b":[%b,"\\ud800"]}}' % (b"k" * 30_000, lists)
    found = codec.refused_half_pair(JSON, frame)
    assert found is not None
    assert len(found[1].details["path"]) <= 200
