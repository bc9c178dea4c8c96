"""Frames that no sane client sends, made from the command table, each with its right answer."""

import dataclasses
import json
import random
from collections.abc import Iterator, Sequence
from functools import singledispatch
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgpack  # type: ignore[import-untyped]  # it ships no types
import msgspec
from msgspec import inspect as shapes

from protocol.requests import Hello, Request, TokenRefresh
from server.http.documents.reference import nameless_table
from tests.wire import Format

REQUESTS: dict[str, type[Request]] = {
    **{name: command.request for name, command in nameless_table().items()},
    "token.refresh": TokenRefresh,
}
EVERY: dict[str, type[Request]] = {**REQUESTS, "hello": Hello}

Answer = Literal["bad", "invalid", "any", "either"]
"""`bad`: `re` null; `invalid`: `validation_failed`; `any`: by its id; `either`: one of them all."""


class Frame(NamedTuple):
    """What is sent; `text` is the kind of frame, whatever the bytes are."""

    data: bytes
    text: bool
    answer: Answer
    id: int = 0
    why: str = ""


@dataclasses.dataclass
class Known:
    """What is really there, so that some of the nonsense gets past the first check."""

    conversations: Sequence[str]
    messages: Sequence[str]
    users: Sequence[str]


class Maker:
    """Makes frames of one format for one connection; the same ones from the same seed."""

    def __init__(self, form: Format, known: Known, chance: random.Random) -> None:
        self.form = form
        self.known = known
        self.chance = chance
        self._last_id = 1_000

    def ping(self) -> Frame:
        """A frame that is answered, and ends a row of bad ones."""
        return self.command("ping", {}, "any")

    def command(self, op: str, d: Any, answer: Answer, why: str = "") -> Frame:
        """A command whose envelope is right."""
        self._last_id += 1
        value = {"id": self._last_id, "op": op, "d": d}
        if _is_undecodable(value, self.form):
            answer = "either" if _holds_half_pair(value) else "bad"
        elif _holds_half_pair(value):
            answer = "invalid"
        return Frame(
            self.pack(value), self._text, answer, self._last_id, why or f"{op} {d!r}"[:200]
        )

    def bad(self, data: bytes, why: str, *, text: bool | None = None) -> Frame:
        """A frame that cannot be understood."""
        return Frame(data, self._text if text is None else text, "bad", why=why)

    def either(self, data: bytes, why: str) -> Frame:
        """A frame that may still be understood."""
        return Frame(data, self._text, "either", why=why)

    def pack(self, value: Any) -> bytes:
        """Any value at all as bytes of the format."""
        if self.form == "msgpack":
            packed: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
            return packed
        # Lone surrogates can only be said by their escapes.
        escaped = json.dumps(value)
        if "\\ud" in escaped or self.chance.random() < 0.5:
            return escaped.encode()
        return json.dumps(value, ensure_ascii=False).encode()

    def wrong_fields(self) -> Iterator[Frame]:
        """Every field of every command with values that its type does not have, and left out."""
        for op, shape in REQUESTS.items():
            fields = msgspec.structs.fields(shape)
            right = {f.name: self.right(f.name, shapes.type_info(f.type)) for f in fields}
            for field in fields:
                for value in wrong(shapes.type_info(field.type)):
                    yield self.command(op, right | {field.name: value}, "invalid")
                if field.required:
                    less = {name: right[name] for name in right if name != field.name}
                    yield self.command(op, less, "invalid", f"{op} without {field.name}")

    def nonsense(self) -> Frame:
        """A command whose fields are right, wrong or worse, by chance."""
        op = self.chance.choice(list(EVERY))
        d: dict[Any, Any] = {}
        for field in msgspec.structs.fields(EVERY[op]):
            dice = self.chance.random()
            if dice < 0.65:
                d[field.name] = self.right(field.name, shapes.type_info(field.type))
            elif dice < 0.9:
                d[field.name] = self.chance.choice(self.worse)
        if op == "conversation.leave":
            d["conversation_id"] = self.unknown_id()  # the rooms are needed to the end
        if self.chance.random() < 0.1:
            d[self.chance.choice(["", "unknown", "\0", "id"])] = self.chance.choice(self.worse)
        return self.command(op, d, "any")

    def mutated(self) -> Frame:
        """A command with some of its bytes changed, lost or doubled."""
        data = bytearray(self.nonsense().data)
        for _ in range(self.chance.randint(1, 4)):
            at = self.chance.randrange(len(data) + 1)
            match self.chance.randrange(4):
                case 0:
                    data[at : at + 1] = bytes([self.chance.randrange(256)])
                case 1:
                    del data[at : at + self.chance.randint(1, 8)]
                case 2:
                    data[at:at] = self.chance.randbytes(self.chance.randint(1, 8))
                case _:
                    data[at:at] = data[at : at + 16]
        return self.either(bytes(data), "mutated")

    def right(self, name: str, kind: shapes.Type) -> Any:
        """A value that passes the first check, often one that names something."""
        return _right(kind, name, self)

    def known_id(self, name: str) -> str:
        """The id of something that a field of this name may name, or of nothing."""
        named = _NAMED.get(name)
        known = getattr(self.known, named) if named and self.chance.random() < 0.8 else ()
        return self.chance.choice(known) if known else self.unknown_id()

    def unknown_id(self) -> str:
        """The id of nothing."""
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    @property
    def worse(self) -> list[Any]:
        """Values that suit no field, in what this format can say."""
        return WORSE + (WORSE_MSGPACK if self.form == "msgpack" else WORSE_JSON)

    @property
    def _text(self) -> bool:
        return self.form == "json"


_NAMED = {
    "conversation_id": "conversations",
    "message_id": "messages",
    "parent_id": "messages",
    "subject_id": "messages",
    "user_id": "users",
    "user_ids": "users",
    "participant_ids": "users",
    "mentions": "users",
}

_DEEP: list[Any] = []
for _ in range(200):
    _DEEP = [_DEEP]

WORSE: list[Any] = [
    *(None, True, False, 0, -1, 1.5, -0.0, 2**31, 2**53, 2**63 - 1, 2**64 - 1, -(2**63), 1e308),
    *("", " ", "\0", "a\0b", "\ud800", "x\udfff", "\u202e\ufeff", "́" * 300, "界" * 5000),
    *([], {}, [None], {"": None}, [[]], [{}] * 300, {"x" * 500: 1}, _DEEP, ["\0"], {"\0": "\0"}),
    *("null", "NaN", "' or 1=1 --", "{}", "%s", "\\u0000", "00000000-0000-0000-0000-000000000000"),
]
WORSE_JSON: list[Any] = [float("nan"), float("inf"), float("-inf"), 10**40, -(10**400)]
WORSE_MSGPACK: list[Any] = [
    *(float("nan"), float("inf"), b"", b"\xff\xfe", b"\0" * 16, {b"bytes": 1}, {"a": {b"b": b"c"}}),
    *(msgpack.ExtType(5, b""), msgpack.ExtType(99, b"x" * 300), msgpack.Timestamp(2**33, 999)),
]


@singledispatch
def _right(kind: shapes.Type, _name: str, _maker: Maker) -> Any:
    """A value of this type."""
    raise AssertionError(f"a type that no case is for: {kind}")


@_right.register
def _right_union(kind: shapes.UnionType, name: str, maker: Maker) -> Any:
    return maker.right(name, maker.chance.choice(kind.types))


@_right.register
def _right_none(_kind: shapes.NoneType, _name: str, _maker: Maker) -> Any:
    return None


@_right.register
def _right_bool(_kind: shapes.BoolType, _name: str, maker: Maker) -> Any:
    return maker.chance.random() < 0.5


@_right.register
def _right_int(_kind: shapes.IntType, _name: str, maker: Maker) -> Any:
    return maker.chance.randint(1, 5)


@_right.register
def _right_literal(kind: shapes.LiteralType, _name: str, maker: Maker) -> Any:
    return maker.chance.choice(kind.values)


@_right.register
def _right_str(_kind: shapes.StrType, _name: str, maker: Maker) -> Any:
    return maker.chance.choice(["👍", "hello there", "约定", "x" * 60, "2026-11-20T00:00:00Z"])


@_right.register
def _right_time(_kind: shapes.TimeType, _name: str, maker: Maker) -> Any:
    return maker.chance.choice(["00:00:00", "07:30:00", "22:00:00", "23:59:59.999999"])


@_right.register
def _right_datetime(_kind: shapes.DateTimeType, _name: str, maker: Maker) -> Any:
    return maker.chance.choice(["2030-01-31T12:00:00Z", "2030-01-31T12:00:00.5+08:00"])


@_right.register
def _right_described(kind: shapes.Metadata, name: str, maker: Maker) -> Any:
    return maker.right(name, kind.type)


@_right.register
def _right_uuid(_kind: shapes.UUIDType, name: str, maker: Maker) -> Any:
    return maker.known_id(name)


@_right.register
def _right_list(kind: shapes.ListType, name: str, maker: Maker) -> Any:
    return [maker.right(name, kind.item_type) for _ in range(maker.chance.randint(0, 3))]


@_right.register
def _right_dict(kind: shapes.DictType, name: str, maker: Maker) -> Any:
    return {
        maker.right("conversation_id", kind.key_type): maker.right(name, kind.value_type)
        for _ in range(2)
    }


@_right.register
def _right_struct(kind: shapes.StructType, _name: str, maker: Maker) -> Any:
    return {field.encode_name: maker.right(field.name, field.type) for field in kind.fields}


NEVER: list[Any] = [{"a": {"b": 1}}, [[1]], 1.5]
"""Of none of the types that fields have."""


@singledispatch
def wrong(kind: shapes.Type) -> list[Any]:
    """Values that are certainly not of this type."""
    raise AssertionError(f"a type that no case is for: {kind}")


@wrong.register
def _wrong_union(kind: shapes.UnionType) -> list[Any]:
    (other,) = [kind for kind in kind.types if not isinstance(kind, shapes.NoneType)]
    return wrong(other)


@wrong.register
def _wrong_bool(_kind: shapes.BoolType) -> list[Any]:
    return [*NEVER, 1, 0, "true", ""]


@wrong.register
def _wrong_int(kind: shapes.IntType) -> list[Any]:
    over = [] if kind.le is None else [kind.le + 1]
    under = [] if kind.ge is None else [kind.ge - 1]
    return [*NEVER, *over, *under, "7", True, "", []]


@wrong.register
def _wrong_literal(_kind: shapes.LiteralType) -> list[Any]:
    return [*NEVER, "nonsense", "", "\0", 7, []]


@wrong.register
def _wrong_str(_kind: shapes.StrType) -> list[Any]:
    return [*NEVER, "\0", "a\0", "\0b", "\n\0", "\ud800", "a\udfffb", 7, True, []]


@wrong.register
def _wrong_time(_kind: shapes.TimeType) -> list[Any]:
    return [*NEVER, "", "\0", "22:00", "24:00:00", "22:00:00Z", "22:00:00+08:00", 7, True, []]


@wrong.register
def _wrong_datetime(_kind: shapes.DateTimeType) -> list[Any]:
    return [*NEVER, "", "\0", "2030-01-31", "2030-01-31T12:00:00", "9999-12-31T00:00:00Z", 7, []]


@wrong.register
def _wrong_described(kind: shapes.Metadata) -> list[Any]:
    return wrong(kind.type)


@wrong.register
def _wrong_uuid(_kind: shapes.UUIDType) -> list[Any]:
    return [*NEVER, "", "x", "\0", 7, "g" * 36, "0" * 31, []]


@wrong.register
def _wrong_list(kind: shapes.ListType) -> list[Any]:
    return [{}, "x", 7, {"0": "x"}, *([value] for value in wrong(kind.item_type)), [None]]


@wrong.register
def _wrong_dict(kind: shapes.DictType) -> list[Any]:
    good = "01a1fb99-0000-7000-8000-000000000000"
    keys = [{key: 1} for key in wrong(kind.key_type) if isinstance(key, str)]
    return [[], "x", 7, *keys, *({good: value} for value in wrong(kind.value_type))]


@wrong.register
def _wrong_struct(kind: shapes.StructType) -> list[Any]:
    fields = [{f.encode_name: value} for f in kind.fields for value in wrong(f.type)]
    return [[], "x", 7, *fields]


def _is_undecodable(value: Any, form: Format) -> bool:
    """True when the format cannot carry it: then the frame is bad, whatever else is in it."""
    if isinstance(value, list):
        return any(_is_undecodable(item, form) for item in value)
    if isinstance(value, dict):
        return any(_is_undecodable(item, form) for pair in value.items() for item in pair)
    if form == "msgpack":
        return isinstance(value, msgpack.ExtType | msgpack.Timestamp)
    is_number = isinstance(value, int | float)
    return is_number and (value != value or abs(value) > 10**308)  # noqa: PLR0124 - NaN


def _holds_half_pair(value: Any) -> bool:
    """True when some string is no text: that is told of its command."""
    if isinstance(value, list):
        return any(map(_holds_half_pair, value))
    if isinstance(value, dict):
        return any(_holds_half_pair(item) for pair in value.items() for item in pair)
    return isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value)
