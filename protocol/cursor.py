"""Cursors of lists: opaque to clients, signed, and bound to what was asked.

A cursor holds the position after which the next page begins. Its signature covers the position and
the filter, so a forged cursor, and one of another list, user or filter, is refused alike.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeVar

import msgspec

from protocol.errors import ErrorCode, RequestError

T = TypeVar("T")

_MAC_BYTES = 16  # half of SHA-256: nobody guesses 128 bits, and cursors stay short
_MAX_CHARS = 1024


class CursorSigner:
    """Signs positions with one key, which every process of an instance shares."""

    def __init__(self, key: bytes) -> None:
        """`key`: at least 16 secret bytes."""
        if len(key) < 16:
            raise ValueError("the key of cursors needs at least 16 bytes")
        self._key = key

    def sign(self, scope: tuple[Any, ...], position: Any) -> str:
        """The cursor for `position` in the list that `scope` names.

        `scope` holds the operation, the user and every filter; both are of what msgspec encodes
        (ids, times, numbers, text).
        """
        payload = msgspec.msgpack.encode(position)
        return urlsafe_b64encode(self._mac(scope, payload) + payload).rstrip(b"=").decode()

    def read(self, cursor: str, scope: tuple[Any, ...], shape: type[T]) -> T:
        """The position that `sign` was given with the same `scope`, as a `shape`.

        Raises `RequestError` (`bad_request`) for a forged cursor and for one of another scope.
        """
        try:
            signed = urlsafe_b64decode(cursor[:_MAX_CHARS] + "=" * (-len(cursor) % 4))
        except (ValueError, binascii.Error) as error:
            raise _foreign() from error
        mac, payload = signed[:_MAC_BYTES], signed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(scope, payload)):
            raise _foreign()
        try:
            return msgspec.msgpack.decode(payload, type=shape)
        except msgspec.MsgspecError as error:
            # Signed by a version of ours that kept other positions.
            raise _foreign() from error

    def _mac(self, scope: tuple[Any, ...], payload: bytes) -> bytes:
        # The encoded scope tells its own length, so no two pairs sign the same bytes.
        signed = msgspec.msgpack.encode(scope) + payload
        return hmac.digest(self._key, signed, hashlib.sha256)[:_MAC_BYTES]


def _foreign() -> RequestError:
    return RequestError(ErrorCode.BAD_REQUEST, "cursor: not one of this list", {"path": "cursor"})
