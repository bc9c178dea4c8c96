"""A file on its way in: what it is, and how large, is looked at as it passes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from handlers.files.filetypes import (
    HEAD_BYTES,
    TEXT,
    ZIP,
    TextCheck,
    called,
    contradicts,
    sniff,
)
from handlers.files.zips import TAIL_BYTES, is_office, zip_type
from protocol.errors import ErrorCode, RequestError

_NO_TEXT = "text at its beginning only"
_IMAGE_HEAD_BYTES = 524_288  # a photograph's metadata stand before its size


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in. `name` and `declared` are the sender's words, `announced_bytes` is the
    most that it may have by them.

    With a `key` that came before, the file of then is answered.
    """

    name: str
    declared: str | None
    chunks: AsyncIterator[bytes]
    key: str | None = None
    announced_bytes: int | None = None


class Intake:
    """Looks at a file as it passes; `mime` is there when `begun` is over, and for certain when all
    has passed, as `head` is.
    """

    def __init__(
        self, upload: Upload, allowed: frozenset[str], limit_bytes: int, over: RequestError
    ) -> None:
        """`over` is the refusal of a file of more than `limit_bytes`."""
        self._declared = upload.declared
        self._chunks = upload.chunks
        self._limit_bytes = limit_bytes
        self._over = over
        self._allowed = allowed
        self._text = TextCheck()
        self._size = 0
        self._waiting: list[bytes] = []
        self._tail = b""
        self.mime = ""
        self.head = bytearray()

    async def begun(self) -> None:
        """Take in as much as tells the type; raises `RequestError` for one that is not taken, and
        at once when there is no room at all.
        """
        if not self._limit_bytes:
            raise self._over
        async for chunk in self._chunks:
            if chunk:
                self._look_at(chunk)
                self._waiting.append(chunk)
            if self._size >= HEAD_BYTES:
                break
        if not self._size:
            raise RequestError.invalid("file", "is empty")
        if self._size < HEAD_BYTES:
            self._text.end()
        self._decide()

    async def passing(self) -> AsyncIterator[bytes]:
        """All chunks from the beginning, until one shows that the file is not taken."""
        while self._waiting:
            yield self._waiting.pop(0)
        async for chunk in self._chunks:
            if chunk:
                self._look_at(chunk)
                if self.mime == TEXT and not self._text.is_text:
                    raise self._not_taken(_NO_TEXT)
                yield chunk
        self._end()

    def _look_at(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._limit_bytes:
            raise self._over
        self.head += chunk[: _IMAGE_HEAD_BYTES - len(self.head)]
        self._text.look_at(chunk)
        if self.head.startswith(b"PK"):
            self._tail = (self._tail + chunk)[-TAIL_BYTES:]

    def _decide(self) -> None:
        found = sniff(bytes(self.head[:HEAD_BYTES])) or (TEXT if self._text.is_text else None)
        if found is None:
            raise self._not_taken("of no type that is known here")
        found = called(self._declared, found)
        if found not in self._allowed:
            raise self._not_taken(found)
        if contradicts(self._declared, found):
            raise RequestError.invalid("file", f"is {found}, not what it is said to be")
        self.mime = found

    def _end(self) -> None:
        self._text.end()
        if self.mime == TEXT and not self._text.is_text:
            raise self._not_taken(_NO_TEXT)
        if self.mime == ZIP or is_office(self.mime):
            self.mime = zip_type(self._tail) or self.mime
            if self.mime not in self._allowed:
                raise self._not_taken(self.mime)

    def _not_taken(self, what: str) -> RequestError:
        taken = sorted(self._allowed)
        return RequestError.invalid("file", f"is {what}; taken are {', '.join(taken)}", taken=taken)


def too_large(limit_bytes: int) -> RequestError:
    """The refusal of a file above the limit."""
    return RequestError(
        ErrorCode.PAYLOAD_TOO_LARGE,
        f"file: at most {limit_bytes} bytes",
        {"limit": "file_bytes", "limit_bytes": limit_bytes},
    )
