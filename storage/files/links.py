"""Addresses of files that need no login and end."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from protocol.text import Time, format_time


class FileLinks:
    """Signed addresses.

    An address is the same for everyone and for a whole `ttl_s`, so that pages of history repeat
    byte for byte and browsers cache; it works for one to two `ttl_s`, and no longer than something
    names the file. Whoever leaves a conversation can still follow one for that long.
    """

    def __init__(
        self,
        key: bytes,
        public_url: str | None = None,
        *,
        ttl_s: int = 1800,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`key`: at least 16 secret bytes. Without a `public_url`, addresses are paths only."""
        if len(key) < 16:
            raise ValueError("the key of links needs at least 16 bytes")
        self._key = key
        self._base = (public_url or "").rstrip("/")
        self._ttl_s = ttl_s
        self._clock = clock

    def url(self, file_id: UUID) -> tuple[str, Time]:
        """The address and when it ends."""
        expires = (int(self._clock()) // self._ttl_s + 2) * self._ttl_s
        signature = self._sign(file_id, expires)
        path = f"/v1/files/{file_id}/content?expires={expires}&signature={signature}"
        return self._base + path, format_time(datetime.fromtimestamp(expires, UTC))

    def is_signed(self, file_id: UUID, expires: str, signature: str) -> bool:
        """True for what `url` made, until it ends; it holds for the thumbnail too."""
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
            return False
        genuine = hmac.compare_digest(
            self._sign(file_id, int(expires)).encode(), signature.encode("utf-8", "replace")
        )
        return genuine and int(expires) > self._clock()

    def _sign(self, file_id: UUID, expires: int) -> str:
        # The prefix keeps these apart from whatever else the same key signs.
        text = f"parley file link\n{file_id}\n{expires}".encode()
        return urlsafe_b64encode(hmac.digest(self._key, text, hashlib.sha256)).decode().rstrip("=")
