"""The frames of the wire, byte by byte as they have always been, and as the server sends them."""

import re
from datetime import UTC, datetime, timedelta, timezone

import msgpack  # type: ignore[import-untyped]  # it ships no types
import orjson
import pytest

from protocol.codec import CODECS, JSON, MSGPACK, decode_command, transcode
from protocol.errors import ErrorCode
from protocol.events import EVENTS
from protocol.text import format_time
from server.http.documents.reference import nameless_table
from tests.contract import frames
from tests.contract.scenario import ENOUGH_EVENTS, Scenario
from tests.wire import FORMATS

TABLE = nameless_table()
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Members whose names are data: ids, emoji, or whatever an error or a notification tells.
OPEN_MAPS = {"synced", "truncated", "reactions", "reaction_counts", "details", "data"}
SOMETIMES = {"width", "height", "thumbnail_url", "eid", "at"}


def golden_d(name):
    return orjson.loads(frames.golden("json")[name])["d"]


@pytest.mark.parametrize("form", FORMATS)
def test_frames_are_the_golden_ones(form):
    assert frames.written()[form] == frames.FILES[form].read_text(encoding="utf-8"), (
        "a change of the protocol; if it is meant: python -m tests.contract.frames"
    )


def test_there_is_one_of_everything():
    named = frames.golden("json")
    replies = {command.reply.__name__ for command in TABLE.values()} | {
        "HelloReply",
        "TokenRefreshReply",
    }
    assert {name[6:] for name in named if name.startswith("reply ")} == replies
    assert {name.split()[1] for name in named if name.startswith("event ")} == set(EVENTS)
    codes = {name.split()[1] for name in named if name.startswith("error ")} - {"of"}
    assert codes == {code.value for code in ErrorCode}


def test_both_formats_say_the_same():
    packed = frames.golden("msgpack")
    for name, frame in frames.golden("json").items():
        assert msgpack.unpackb(packed[name]) == orjson.loads(frame), name


def test_events_of_other_processes_say_the_same():
    """Between processes `d` is JSON; a MessagePack client gets it transcoded."""
    for name, body in frames.EVENTS.items():
        d = transcode(JSON.encode(body))
        assert msgpack.unpackb(d) == msgpack.unpackb(MSGPACK.encode(body)), name


@pytest.mark.parametrize("form", FORMATS)
def test_envelopes(form):
    load = orjson.loads if form == "json" else msgpack.unpackb
    for name, frame in frames.golden(form).items():
        value = load(frame)
        kind, _, rest = name.partition(" ")
        if kind == "reply":
            assert list(value) == ["re", "d"] and value["re"] == 7
        elif kind == "event":
            durable = ["eid", "at"] if rest in frames.DURABLE else []
            assert list(value) == ["ev", *durable, "d"]
            assert value["ev"] == rest.partition(" ")[0]
        else:
            assert list(value) == ["re", "error"]
            assert value["re"] == (None if "not understood" in name else 2**53 - 1)
            assert list(value["error"]) == ["code", "message", "details", "retryable"]


@pytest.mark.parametrize("codec", CODECS.values(), ids=lambda codec: codec.subprotocol)
def test_a_command_is_read_with_its_greatest_id(codec):
    value = {"id": 2**53 - 1, "op": "ping", "d": {"a": "約定"}}
    frame = orjson.dumps(value) if codec.is_text else msgpack.packb(value)
    read = decode_command(codec, frame)
    assert (read.id, read.op, read.d) == (2**53 - 1, "ping", {"a": "約定"})


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 11, 20, 22, 3, tzinfo=UTC), "2026-11-20T22:03:00.000Z"),
        (datetime(2026, 11, 20, 22, 3, 0, 123_999, tzinfo=UTC), "2026-11-20T22:03:00.123Z"),
        (
            datetime(2026, 11, 21, 6, 3, 0, 5_000, tzinfo=timezone(timedelta(hours=8))),
            "2026-11-20T22:03:00.005Z",
        ),
    ],
)
def test_times_have_milliseconds(moment, told):
    assert format_time(moment) == told


@pytest.mark.parametrize("form", FORMATS)
async def test_the_server_says_the_same(app, form):
    scenario = await Scenario.begin(app, form)
    await scenario.play()
    assert {op for op, _ in scenario.replies} == set(TABLE) | {"hello", "token.refresh"}
    replies = {op: command.reply.__name__ for op, command in TABLE.items()} | {
        "hello": "HelloReply",
        "token.refresh": "TokenRefreshReply",
    }
    for op, d in scenario.replies:
        same(d, golden_d(f"reply {replies[op]}"), op)
    for event in scenario.events:
        assert set(event) - SOMETIMES == {"ev", "d"}
        if event["ev"] in frames.DURABLE:
            assert event["eid"] and event["at"], event
        same(event["d"], golden_d(f"event {event['ev']}"), event["ev"])
    assert {event["ev"] for event in scenario.events} >= ENOUGH_EVENTS


def same(said, expected, path):
    """Holds that two values have the same members all the way down, and values of one kind."""
    name = path.rpartition(".")[2]
    if isinstance(said, dict) and isinstance(expected, dict):
        if name in OPEN_MAPS or path == "unread.changed.conversations":
            return
        assert set(said) - SOMETIMES == set(expected) - SOMETIMES, path
        for member in said.keys() & expected.keys():
            same(said[member], expected[member], f"{path}.{member}")
    elif isinstance(said, list) and isinstance(expected, list):
        for item in said:
            same(item, expected[0] if expected else item, path)
    elif said is not None and expected is not None:
        assert type(said) is type(expected), f"{path}: {said!r}"
    if isinstance(said, str) and (name.endswith("_at") or name == "server_time"):
        assert TIME.fullmatch(said), f"{path}: {said!r}"
    if isinstance(said, str) and (name == "id" or name.endswith("_id")):
        assert UUID.fullmatch(said), f"{path}: {said!r}"
