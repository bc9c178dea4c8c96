"""Uploading files and getting at them again."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import imagesize  # type: ignore[import-untyped]  # it ships no types
import structlog

from handlers.caller import Caller
from handlers.files.filetypes import (
    ALLOWED,
    HEAD_BYTES,
    TEXT,
    contradicts,
    may_be_text,
    sniff,
)
from protocol.errors import ErrorCode, RequestError
from protocol.files import FileReply
from protocol.limits import Limits
from protocol.objects import Attachment
from storage.files.blobs import LocalBlobs
from storage.files.files import FileLinks, FileRow, Files, NewFile

log = structlog.get_logger()

_NAME_CHARS = 200
_IMAGE_HEAD_BYTES = 524_288  # a photograph's metadata stand before its size
_SIDE_MAX = 2**31 - 1
_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in. `name` and `declared` are the sender's words.

    With a `key` that came before, the file of then is answered.
    """

    name: str
    declared: str | None
    chunks: AsyncIterator[bytes]
    key: str | None = None


class FileContent(NamedTuple):
    """A file to hand out, and where its bytes are."""

    file: FileRow
    path: Path


class SharedFiles:
    """Files belong to their uploader; members of a conversation that carries one may have it."""

    def __init__(
        self,
        files: Files,
        blobs: LocalBlobs,
        links: FileLinks,
        limits: Limits,
        allowed: frozenset[str] = ALLOWED,
    ) -> None:
        self._files = files
        self._blobs = blobs
        self._links = links
        self._limits = limits
        self._allowed = allowed

    async def upload(self, caller: Caller, upload: Upload) -> FileReply:
        """Keep a file.

        Raises `RequestError`: `payload_too_large` as soon as it is known, `validation_failed` for
        types that are not taken and for files that are not what they are said to be.
        """
        file_id = await self._files.new_id()
        intake = _Intake(upload.declared, self._limits.file_bytes, self._allowed)
        info = await self._blobs.put(str(file_id), intake.passing(upload.chunks))
        mime = intake.mime
        width, height = await asyncio.to_thread(_sides, mime, bytes(intake.head))
        file = NewFile(
            id=file_id,
            owner_id=caller.user_id,
            name=clean_name(upload.name),
            mime=mime,
            size_bytes=info.size_bytes,
            sha256=info.sha256,
            width=width,
            height=height,
        )
        try:
            kept = await self._files.add(file, upload.key)
        except RequestError:
            await self._blobs.delete(str(file_id))
            raise
        if kept.id != file_id:
            await self._blobs.delete(str(file_id))
        return self._reply(kept)

    async def get(self, caller: Caller, file_id: UUID) -> FileReply:
        """What is known of a file, with a fresh address; `not_found` to strangers."""
        return self._reply(await self._files.visible_to(caller.user_id, file_id))

    async def content(self, caller: Caller, file_id: UUID) -> FileContent:
        """The bytes, for a user who may have them; `not_found` to strangers."""
        return await self._content(await self._files.visible_to(caller.user_id, file_id))

    async def linked_content(self, file_id: UUID, expires: str, signature: str) -> FileContent:
        """The bytes, for whoever has a signed address; `forbidden` when it is forged or over."""
        if not self._links.is_signed(file_id, expires, signature):
            raise RequestError(ErrorCode.FORBIDDEN, "the address is not valid or has ended")
        return await self._content(await self._files.by_id(file_id))

    async def _content(self, row: FileRow) -> FileContent:
        if await self._blobs.head(str(row.id)) is None:
            log.error("blob_missing", file_id=str(row.id))
            raise RequestError.not_found("file")
        return FileContent(row, self._blobs.local_path(str(row.id)))

    def _reply(self, row: FileRow) -> FileReply:
        url, url_expires_at = self._links.url(row.id)
        return FileReply(
            Attachment(
                file_id=str(row.id),
                name=row.name,
                mime=row.mime,
                bytes=row.bytes,
                url=url,
                url_expires_at=url_expires_at,
                width=row.width,
                height=row.height,
            )
        )


class _Intake:
    """Looks at a file as it passes; `mime` and `head` are there when it has."""

    def __init__(self, declared: str | None, limit_bytes: int, allowed: frozenset[str]) -> None:
        self._declared = declared
        self._limit_bytes = limit_bytes
        self._allowed = allowed
        self._size = 0
        self._is_text = True
        self.mime = ""
        self.head = bytearray()

    async def passing(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same chunks, until one shows that the file is not taken."""
        async for chunk in chunks:
            self._look_at(chunk)
            yield chunk
        if not self._size:
            raise RequestError.invalid("file", "is empty")
        if not self.mime:
            self._decide()

    def _look_at(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._limit_bytes:
            raise too_large(self._limit_bytes)
        self.head += chunk[: _IMAGE_HEAD_BYTES - len(self.head)]
        if self._is_text and not may_be_text(chunk):
            self._is_text = False
            if self.mime == TEXT:
                raise _not_taken()
        if not self.mime and len(self.head) >= HEAD_BYTES:
            self._decide()

    def _decide(self) -> None:
        found = sniff(bytes(self.head[:HEAD_BYTES])) or (TEXT if self._is_text else None)
        if found is None or found not in self._allowed:
            raise _not_taken()
        if contradicts(self._declared, found):
            raise RequestError.invalid("file", f"is {found}, not what it is said to be")
        self.mime = found


def clean_name(name: str) -> str:
    """A name to show and to save under: no folders, nothing unseen, not too long."""
    # Bytes that are not UTF-8 come as lone surrogates, which no database takes.
    name = name.encode("utf-8", "replace").decode()
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c.isprintable() and c not in _DIRECTIONS).strip(" .")
    if len(name) > _NAME_CHARS:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 10 else ""
        name = name[: _NAME_CHARS - len(ending)] + ending
    return name or "file"


def too_large(limit_bytes: int) -> RequestError:
    """The refusal of a file above the limit."""
    return RequestError(
        ErrorCode.PAYLOAD_TOO_LARGE,
        f"file: at most {limit_bytes} bytes",
        {"limit": "file_bytes", "limit_bytes": limit_bytes},
    )


def _not_taken() -> RequestError:
    return RequestError.invalid("file", "files of this type are not taken")


def _sides(mime: str, head: bytes) -> tuple[int | None, int | None]:
    """Width and height of an image as it is shown, where its headers tell."""
    if not mime.startswith("image/"):
        return None, None
    try:
        width, height = imagesize.get(io.BytesIO(head))
    except Exception:  # noqa: BLE001 - a stranger's bytes in another's parser: whatever it raises
        return None, None
    if not (0 < width <= _SIDE_MAX and 0 < height <= _SIDE_MAX):
        return None, None
    return int(width), int(height)
