"""Frames as this side sees them: commands out, replies and events in, in both formats."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from client.errors import BadFrame, ErrorReply
from client.state.changes import Event
from protocol.codec import JSON as JSON_CODEC
from protocol.codec import MSGPACK as MSGPACK_CODEC
from protocol.events import shape_of

T = TypeVar("T")


class Frame(msgspec.Struct, frozen=True):
    """A frame of the server: an event when `ev` is given, else the reply to `re`."""

    re: int | None = None
    ev: str | None = None
    eid: str | None = None
    at: str | None = None
    error: ErrorReply | None = None
    d: msgspec.Raw = msgspec.Raw()


@dataclass(frozen=True, slots=True)
class Format:
    """How frames are written and read; `subprotocol` names it in the handshake."""

    subprotocol: str
    is_text: bool
    encode: Callable[[Any], bytes]
    _frame: Callable[[bytes], Frame]
    _decode: Callable[..., Any]

    def frame(self, payload: bytes) -> Frame:
        """The envelope of a frame. Raises `BadFrame`."""
        try:
            return self._frame(payload)
        except msgspec.MsgspecError as error:
            raise BadFrame(f"a frame cannot be read: {error}") from error

    def body(self, what: str, raw: msgspec.Raw, shape: type[T]) -> T:
        """The `d` of `what` as `shape`. Raises `BadFrame`, which names both."""
        try:
            body: T = self._decode(raw, type=shape)
        except msgspec.MsgspecError as error:
            raise BadFrame(f"{what} is no {shape.__name__}: {error}") from error
        return body

    def event(self, frame: Frame) -> Event:
        """An event with its body; names that are not known keep a map. Raises `BadFrame`."""
        assert frame.ev is not None
        shape: type[Any] = shape_of(frame.ev) or dict
        return Event(frame.ev, self.body(frame.ev, frame.d, shape), frame.eid, frame.at)


JSON = Format(
    JSON_CODEC.subprotocol,
    JSON_CODEC.is_text,
    msgspec.json.Encoder().encode,
    msgspec.json.Decoder(Frame).decode,
    msgspec.json.decode,
)
MSGPACK = Format(
    MSGPACK_CODEC.subprotocol,
    MSGPACK_CODEC.is_text,
    msgspec.msgpack.Encoder().encode,
    msgspec.msgpack.Decoder(Frame).decode,
    msgspec.msgpack.decode,
)
