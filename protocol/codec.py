"""Frames in the two formats: decoding commands, and splicing envelopes around finished bytes.

An event's `d` is encoded once a format; the envelope is put around it here, so that a fan-out
handles finished bytes.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeVar

import msgpack  # type: ignore[import-untyped]  # it ships no types
import msgspec
import orjson

from protocol.errors import ErrorBody, ErrorCode, Fault, RequestError
from protocol.faults.search import faults_of
from protocol.requests import CommandEnvelope

MAX_COMMAND_ID = 2**53 - 1
HALF_PAIR_COST = 5.0
"""Tokens of the command limiter for finding half a surrogate pair: slow decoders are dear."""
T = TypeVar("T")

_json_encode = msgspec.json.Encoder().encode
_msgpack_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True, eq=False)
class Codec:
    """One wire format: `decode` a frame to plain values, `encode` a struct, splice envelopes."""

    subprotocol: str
    is_text: bool
    decode: Callable[[bytes | str], Any]
    encode: Callable[[Any], bytes]
    reply: Callable[[int | None, bytes], bytes]
    """`(re, d)` to a reply frame."""
    refusal: Callable[[int | None, bytes], bytes]
    """`(re, error)` to a reply frame that refuses."""
    event: Callable[[bytes, bytes, str, bytes], bytes]
    """`(ev, eid, at, d)` to an event frame; an empty eid and at are left out."""


def _json_reply(re: int | None, d: bytes) -> bytes:
    return b'{"re":%b,"d":%b}' % (b"null" if re is None else b"%d" % re, d)


def _json_refusal(re: int | None, error: bytes) -> bytes:
    return b'{"re":%b,"error":%b}' % (b"null" if re is None else b"%d" % re, error)


def _json_event(ev: bytes, eid: bytes, at: str, d: bytes) -> bytes:
    # Event names, eids and offsets are our own and hold nothing that JSON would escape.
    if eid and at:
        return b'{"ev":"%b","eid":"%b","at":"%b","d":%b}' % (ev, eid, at.encode(), d)
    eid_part = b',"eid":"%b"' % eid if eid else b""
    at_part = b',"at":"%b"' % at.encode() if at else b""
    return b'{"ev":"%b"%b%b,"d":%b}' % (ev, eid_part, at_part, d)


def _msgpack_decode(frame: bytes | str) -> Any:
    if isinstance(frame, str):
        raise TypeError("a MessagePack frame is bytes")
    return msgpack.unpackb(frame, raw=False, strict_map_key=True, max_ext_len=0)


def _msgpack_reply(re: int | None, d: bytes) -> bytes:
    return b"\x82\xa2re%b\xa1d%b" % (_msgpack_encode(re), d)


def _msgpack_refusal(re: int | None, error: bytes) -> bytes:
    return b"\x82\xa2re%b\xa5error%b" % (_msgpack_encode(re), error)


def _msgpack_event(ev: bytes, eid: bytes, at: str, d: bytes) -> bytes:
    head = {"ev": ev.decode()}
    if eid:
        head["eid"] = eid.decode()
    if at:
        head["at"] = at
    packed = _msgpack_encode(head)
    return bytes((packed[0] + 1,)) + packed[1:] + b"\xa1d" + d


JSON = Codec(
    subprotocol="parley.v1.json",
    is_text=True,
    decode=orjson.loads,
    encode=_json_encode,
    reply=_json_reply,
    refusal=_json_refusal,
    event=_json_event,
)
MSGPACK = Codec(
    subprotocol="parley.v1.msgpack",
    is_text=False,
    decode=_msgpack_decode,
    encode=_msgpack_encode,
    reply=_msgpack_reply,
    refusal=_msgpack_refusal,
    event=_msgpack_event,
)
UNDECODABLE = (ValueError, TypeError, RecursionError, msgpack.exceptions.UnpackException)
"""What `decode` raises for a frame that is not of its format."""
CODECS = {codec.subprotocol: codec for codec in (JSON, MSGPACK)}


def transcode(d: bytes) -> bytes:
    """A `d` encoded as JSON by us, as MessagePack."""
    return _msgpack_encode(orjson.loads(d))


def decode_command(codec: Codec, frame: bytes | str) -> CommandEnvelope:
    """A frame as a command whose `d` is a map but not yet validated.

    Raises `RequestError` (`bad_request`) when the frame cannot be decoded or its envelope is wrong.
    """
    try:
        value = codec.decode(frame)
    except UNDECODABLE as error:
        raise _bad("the frame cannot be decoded") from error
    return _envelope_of(value)


def _envelope_of(value: Any) -> CommandEnvelope:
    if type(value) is not dict:
        raise _bad("the frame must be a map")
    command_id, op, d = value.get("id"), value.get("op"), value.get("d", {})
    if type(command_id) is not int or not 0 < command_id <= MAX_COMMAND_ID:
        raise _bad("id must be a positive integer")
    if type(op) is not str:
        raise _bad("op must be a string")
    if type(d) is not dict:
        raise _bad("d must be a map")
    return CommandEnvelope(command_id, op, d)


def validate(value: dict[str, Any], shape: type[T]) -> T:
    """The `d` of a command as its request struct.

    Raises `RequestError` (`validation_failed`) that names the fields and the reasons.
    """
    try:
        return msgspec.convert(value, shape)
    except (msgspec.ValidationError, UnicodeEncodeError, OverflowError) as error:
        raise RequestError.of_faults(faults_of(value, shape)) from error


def encode_error(codec: Codec, re: int | None, error: ErrorBody) -> bytes:
    """The reply frame that refuses command `re`."""
    return codec.refusal(re, codec.encode(error))


def _bad(reason: str) -> RequestError:
    return RequestError(ErrorCode.BAD_REQUEST, reason)


# Half a surrogate pair is no text: neither fast decoder takes it. Slow ones tell in which command
# it is and where; they are asked only about frames that hold the bytes of one.

_PATH_CHARS = 200
_HALF = re.compile("[\ud800-\udfff]")
_HALF_IN_BYTES = re.compile(rb"\xed[\xa0-\xbf]")
_HALF_IN_JSON = re.compile(rb"\\u[dD][89a-fA-F]|" + _HALF_IN_BYTES.pattern)


def may_hold_half_pair(frame: bytes, *, is_json: bool) -> bool:
    """Whether it may be worth to look for half a surrogate pair in what could not be decoded."""
    pattern = _HALF_IN_JSON if is_json else _HALF_IN_BYTES
    return pattern.search(frame) is not None


def refused_half_pair(codec: Codec, frame: bytes) -> tuple[int, RequestError] | None:
    """The command that holds half a surrogate pair, and its refusal, which names the path.

    None for a frame in which more is wrong. A path in `d` is told as for any other wrong field.
    """
    try:
        value = _decoded_slowly(frame, is_json=codec.is_text)
        command = _envelope_of(value)
    except (*UNDECODABLE, RequestError):
        return None
    refusal = _refusal_of_half(command.d) or _refusal_of_half(value)
    return None if refusal is None else (command.id, refusal)


def refused_half_pair_in_body(body: bytes) -> RequestError | None:
    """The refusal of a JSON body with half a surrogate pair; None if more is wrong with it."""
    try:
        members = _decoded_slowly(body, is_json=True)
    except UNDECODABLE:
        return None
    return _refusal_of_half(members) if type(members) is dict else None


def _decoded_slowly(data: bytes, *, is_json: bool) -> Any:
    """As the fast decoders, and halves of surrogate pairs too. Raises of `UNDECODABLE`."""
    if not is_json:
        options = {"raw": False, "strict_map_key": True, "max_ext_len": 0}
        return msgpack.unpackb(data, unicode_errors="surrogatepass", **options)
    return json.loads(data.decode("utf-8", "surrogatepass"), parse_constant=_no_constant)


def _no_constant(text: str) -> Any:
    raise ValueError(f"JSON has no {text}")


def _refusal_of_half(value: Any) -> RequestError | None:
    fault = _fault(value, _is_half, "must not contain half a surrogate pair")
    return None if fault is None else RequestError.of_faults([fault])


# A number with more digits than a float has is rounded on the way in. Where that would change what
# somebody is paid, a slow decoder is asked about bodies that hold so many digits in a row, or such
# an exponent. In an object each number comes after one of these marks; the digits of an id do not.

_MAY_BE_ROUNDED = re.compile(rb"[:\[,]\s*-?[0-9](?:[0-9.]{15}|[0-9.]*[eE][-+]?[0-9]{3})")


class _Rounded(float):
    """A number that is not what its text says."""


def may_be_rounded(body: bytes) -> bool:
    """Whether it may be worth to look in an object for a number that a float does not hold."""
    return _MAY_BE_ROUNDED.search(body) is not None


def refused_rounded_number(body: bytes) -> RequestError | None:
    """The refusal of a JSON body with a number that was rounded, which names its path."""
    fault = _fault(
        json.loads(body, parse_float=_as_written, parse_int=str),
        lambda value: type(value) is _Rounded,
        "must have fewer digits: as a number it would be rounded",
    )
    return None if fault is None else RequestError.of_faults([fault])


def _as_written(text: str) -> float:
    number = float(text)
    try:
        is_exact = math.isfinite(number) and Decimal(repr(number)) == Decimal(text)
    except InvalidOperation:  # an exponent that not even a decimal takes
        is_exact = False
    return number if is_exact else _Rounded(number)


def nul_within(members: dict[str, Any]) -> Fault | None:
    """The first string within, a key or a value, that holds U+0000."""
    return _fault(members, _is_nul, "must not contain U+0000")


def _fault(value: Any, is_wrong: Callable[[Any], bool], reason: str) -> Fault | None:
    place = _place_of(value, is_wrong)
    return None if place is None else Fault(_path_of(place), reason)


class _Place(NamedTuple):
    """A value within others. Paths are put together for one that is told, and no other."""

    within: "_Place | None"
    key: Any
    value: Any


def _place_of(value: Any, is_wrong: Callable[[Any], bool]) -> _Place | None:
    """The first key or value that is wrong."""
    waiting = [_Place(None, None, value)]
    for place in waiting:
        items = place.value.items() if type(place.value) is dict else enumerate(place.value)
        for key, item in items:
            if is_wrong(key) or is_wrong(item):
                return _Place(place, key, item)
            if type(item) is dict or type(item) is list:
                waiting.append(_Place(place, key, item))
    return None


def _is_half(value: Any) -> bool:
    return type(value) is str and not value.isascii() and _HALF.search(value) is not None


def _is_nul(value: Any) -> bool:
    return type(value) is str and "\0" in value


def _path_of(place: _Place) -> str:
    """`attachments[0].name`; what is no text in a key is told as `?`."""
    steps: list[str] = []
    while place.within is not None:
        is_number = type(place.within.value) is list
        steps.append(f"[{place.key}]" if is_number else f".{place.key}")
        place = place.within
    path = "".join(reversed(steps)).lstrip(".")
    return path[:_PATH_CHARS].encode("utf-8", "replace").decode()
