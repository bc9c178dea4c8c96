"""Frames that are no commands: bytes that are not of the format, and envelopes that are wrong."""

import json
import struct
from collections.abc import Iterator
from typing import Any

import msgpack  # type: ignore[import-untyped]  # it ships no types

from tests.contract.hostile import Frame, Maker

MAX_ID = 2**53 - 1
DEEP = 30_000

NOT_MAPS: list[Any] = [None, True, 7, -1.5, "text", "", [], [1, "ping", {}], [[]]]
WRONG_IDS: list[Any] = [None, 0, -1, 1.0, 1.5, True, False, "1", "", [1], {"id": 1}, MAX_ID + 1]
WRONG_OPS: list[Any] = [None, 7, True, ["ping"], {"op": "ping"}, 1.5]
WRONG_DS: list[Any] = [None, 7, True, [], [["a", 1]], "{}", "", 1.5]


def malformed(maker: Maker) -> Iterator[Frame]:
    """One of each; all get `bad_request` with `re` null."""
    yield from _envelopes(maker)
    yield from (_json(maker) if maker.form == "json" else _msgpack(maker))


def understood(maker: Maker) -> Iterator[Frame]:
    """Frames that look worse than they are: each is answered by its id."""
    for op in ("", "Ping", "ping ", "\0", "message", "message.send.now", "x" * 5000, "__class__"):
        yield maker.command(op, {}, "any", f"op {op!r}"[:40])
    for number in (1, MAX_ID):
        value = {"id": number, "op": "ping", "d": {}, "re": 1, "ev": "message.created"}
        yield Frame(maker.pack(value), maker.form == "json", "any", number, "a great id")
    yield Frame(maker.pack({"id": 2, "op": "ping"}), maker.form == "json", "any", 2, "no d")
    deep: list[Any] = []
    for _ in range(150):
        deep = [deep]
    yield maker.command("ping", {"unknown": deep}, "any", "deep, but not too deep")
    if maker.form == "json":
        yield Frame(
            b'{"id":3,"id":4,"op":"sync","op":"ping","d":7,"d":{}}', True, "any", 4, "twice"
        )
        yield Frame(b' \n\t{"id":5,"op":"ping","d":{}}\r\n ', True, "any", 5, "white space")
        yield Frame(
            b'{"id":6,"op":"ping","d":{"a":' + b"[" * 500 + b"]" * 500 + b"}}", True, "any", 6
        )
        yield Frame(b'{"\\u0069d":7,"op":"p\\u0069ng","d":{}}', True, "any", 7, "escapes")
    else:
        twice = b"\x85\xa2id\x03\xa2id\x04\xa2op\xa4sync\xa2op\xa4ping\xa1d\x80"
        yield Frame(twice, False, "any", 4, "keys twice")
        long_forms = (
            b"\xdf\0\0\0\3\xdb\0\0\0\2id\xcf\0\0\0\0\0\0\0\5\xd9\2op\xda\0\4ping\xa1d\xde\0\0"
        )
        yield Frame(long_forms, False, "any", 5, "everything in its longest form")


def half_pairs(maker: Maker) -> Iterator[Frame]:
    """Half a surrogate pair wherever it can be: `validation_failed` for its command."""
    for half in ("\ud800", "\udfff", "\udc00\ud800", "a\ud83db", "\U0001f600\ud83d"):
        yield maker.command("ping", {"unknown": half}, "invalid")
    deep: list[Any] = ["\ud800"]
    for _ in range(100):
        deep = [deep]
    yield maker.command("ping", {"a": [{"b": deep}]}, "invalid", "deep")
    yield maker.command("ping", {"a": ["\ud800"] * 5_000}, "invalid", "many")
    yield maker.command("ping", {"\ud800": 1}, "invalid", "a key")
    yield maker.command("\ud800", {}, "invalid", "an op")
    beside: list[dict[str, Any]] = [{"\ud800": 1}, {"unknown": "\ud800"}]
    for number, more in enumerate(beside, 10):
        right = {"id": number, "op": "ping", "d": {}} | more
        yield Frame(maker.pack(right), maker.form == "json", "invalid", number, "beside d")
    of_none: list[Any] = [half, {half: 1}, {"id": half, "op": "ping", "d": {}}]
    for value in of_none:
        yield maker.bad(maker.pack(value), "of no command")
    if maker.form == "json":
        raw = (b"\\uD800", b"\\uDfFf", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80")
        for number, spelt in enumerate(raw, 20):
            frame = b'{"id":%d,"op":"ping","d":{"a":"%b"}}' % (number, spelt)
            yield Frame(frame, True, "invalid", number, f"{spelt!r}")
        whole = b'{"id":9,"op":"ping","d":{"a":"\\ud83d\\ude00","b":"\\\\ud800"}}'
        yield Frame(whole, True, "any", 9, "a whole pair, and none")


def _envelopes(maker: Maker) -> Iterator[Frame]:
    right = {"id": 1, "op": "ping", "d": {}}
    for value in NOT_MAPS:
        yield maker.bad(maker.pack(value), f"not a map: {value!r}")
    for name, wrong in (("id", WRONG_IDS), ("op", WRONG_OPS), ("d", WRONG_DS)):
        for value in wrong:
            yield maker.bad(maker.pack(right | {name: value}), f"{name}: {value!r}")
    for name in ("id", "op"):
        less = {key: value for key, value in right.items() if key != name}
        yield maker.bad(maker.pack(less), f"no {name}")
    yield maker.bad(maker.pack({}), "an empty map")
    yield maker.bad(maker.pack({"ID": 1, "OP": "ping", "D": {}}), "in capitals")
    yield maker.bad(b"", "an empty frame")
    yield maker.bad(b"\0" * 1000, "zeros")


def _json(maker: Maker) -> Iterator[Frame]:
    whole = json.dumps(
        {"id": 1, "op": "template.create", "d": {"title": "é界👋"}}, ensure_ascii=False
    )
    for cut in range(1, len(whole.encode())):
        yield maker.bad(whole.encode()[:cut], f"cut off after {cut} bytes")
    inside = b'{"id":1,"op":"ping","d":{"a":%b}}'
    spoilt = {
        "NaN": b"NaN",
        "Infinity": b"-Infinity",
        "a number too great": b"1" + b"0" * 400,
        "a number of many digits with a letter": b"1" * 5000 + b"x",
        "a leading zero": b"01",
        "a plus": b"+1",
        "a hexadecimal number": b"0x10",
        "a comment": b"/**/1",
        "single quotes": b"'a'",
        "a trailing comma": b"[1,]",
        "half a surrogate pair, and more": b'["\\ud800",NaN]',
        "half a surrogate pair, cut off": b'"\\ud800',
        "whole surrogate pairs, cut off": b'"\\ud83d\\ude00',
        "an unknown escape": b'"\\x41"',
        "a raw control character": b'"\n"',
        "a raw NUL": b'"\0"',
        "truncated UTF-8": b'"\xe7\x95"',
        "overlong UTF-8": b'"\xc0\xaf"',
        "half a surrogate pair, and what is no UTF-8": b'"\xed\xa0\x80\xff"',
        "beyond Unicode": b'"\xf4\x90\x80\x80"',
        "a stray continuation": b'"\x80"',
        "UTF-16": '"é"'.encode("utf-16"),
        "nesting": b"[" * DEEP + b"]" * DEEP,
        "nesting of maps": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        "nesting that never ends": b"[" * DEEP,
    }
    for why, value in spoilt.items():
        yield maker.bad(inside % value, why)
    ping = b'{"id":1,"op":"ping","d":{}}'
    yield maker.bad(ping + ping, "two commands")
    yield maker.bad(b"\xef\xbb\xbf" + ping, "a byte order mark")
    yield maker.bad(ping + b"\0", "a NUL behind")
    yield maker.bad(ping.decode().encode("utf-16"), "UTF-16")
    packed = msgpack.packb({"id": 1, "op": "ping", "d": {}})
    yield maker.bad(packed, "MessagePack in a binary frame", text=False)
    yield maker.bad(b"\xff\xfe\xfd", "no text in a binary frame", text=False)


def _msgpack(maker: Maker) -> Iterator[Frame]:
    whole = msgpack.packb({"id": 1, "op": "template.create", "d": {"title": "é界👋", "n": 1.5}})
    for cut in range(1, len(whole)):
        yield maker.bad(whole[:cut], f"cut off after {cut} bytes")
    inside = b"\x83\xa2id\x01\xa2op\xa4ping\xa1d\x81\xa1a"
    great = struct.pack(">I", 2**32 - 1)
    half = struct.pack(">I", 2**30)
    spoilt = {
        "a string that lies": b"\xdb" + great + b"x",
        "bytes that lie": b"\xc6" + great + b"x",
        "a list that lies": b"\xdd" + great + b"\x01",
        "a list that lies less": b"\xdd" + half + b"\x01" * 1000,
        "a map that lies": b"\xdf" + great + b"\xa1a\x01",
        "a map that lies less": b"\xdf" + half + b"\xa1a\x01",
        "an extension that lies": b"\xc9" + great + b"\x05x",
        "an extension bomb": b"\xc9" + struct.pack(">I", 50_000) + b"\x05" + b"\0" * 50_000,
        "a fixed extension": b"\xd4\x05x",
        "a long fixed extension": b"\xd8\x05" + b"x" * 16,
        "a time": b"\xd6\xff" + b"\0" * 4,
        "a time beyond all times": b"\xc7\x0c\xff" + b"\xff" * 12,
        "the byte that is never used": b"\xc1",
        "truncated UTF-8": b"\xa2\xe7\x95",
        "overlong UTF-8": b"\xa2\xc0\xaf",
        "half a surrogate pair, and more": b"\x92\xa3\xed\xa0\x80\xc1",
        "half a surrogate pair, cut off": b"\xa4\xed\xa0\x80",
        "half a surrogate pair, and what is no UTF-8": b"\xa4\xed\xa0\x80\xff",
        "beyond Unicode": b"\xa4\xf4\x90\x80\x80",
        "nesting": b"\x91" * DEEP + b"\x90",
        "nesting of maps": b"\x81\xa1a" * 10_000 + b"\x01",
        "nesting that never ends": b"\x91" * DEEP,
        "a key that is a number": b"\x81\x01\x01",
        "a key that is a list": b"\x81\x90\x01",
        "a key that is null": b"\x81\xc0\x01",
        "lists within lists that lie": b"\xdd" + struct.pack(">I", 60_000) + b"\x90" * 10,
    }
    for why, value in spoilt.items():
        yield maker.bad(inside + value, why)
    ping = msgpack.packb({"id": 1, "op": "ping", "d": {}})
    yield maker.bad(ping + ping, "two commands")
    yield maker.bad(ping + b"\0", "a byte behind")
    yield maker.bad(msgpack.packb({b"id": 1, b"op": b"ping", b"d": {}}), "keys that are bytes")
    yield maker.bad(msgpack.packb({"id": 1, "op": b"ping", "d": {}}), "an op that is bytes")
    yield maker.bad(b'{"id":1,"op":"ping","d":{}}', "JSON in a text frame", text=True)
    yield maker.bad("é".encode(), "text in a text frame", text=True)
    yield maker.bad(b"", "an empty text frame", text=True)
