"""Uploading files, getting at them again, removing them."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import imagesize  # type: ignore[import-untyped]  # it ships no types
import structlog

from handlers.caller import Caller
from handlers.files.filetypes import ALLOWED
from handlers.files.intake import Intake, Upload, too_large
from handlers.files.names import clean_name
from handlers.files.pictures.pictures import Pictures, chunks_of
from protocol.errors import ErrorCode, RequestError
from protocol.files import FileReply, RepeatedFile, thumbnail_url
from protocol.limits import Limits
from protocol.objects import Attachment
from protocol.replies import Empty
from storage.files.blobs import (
    BlobInfo,
    Blobs,
    StoreUnavailableError,
    content_key,
    keys_of,
    thumbnail_key,
)
from storage.files.files import FileRow, Files, NewFile
from storage.files.links import FileLinks

log = structlog.get_logger()

_SIDE_MAX = 2**31 - 1
_THUMBNAIL_MIME = "image/webp"


@dataclass(frozen=True, slots=True)
class FileContent:
    """Bytes to hand out. `tag` is of these bytes and no others."""

    name: str
    mime: str
    size_bytes: int
    tag: str
    is_linked: bool
    """Asked for by a signed address, and not with a login."""
    is_there: Callable[[], Awaitable[None]]
    """Raises `RequestError` when the store has none of them."""
    read: Callable[[int, int], AsyncIterator[bytes]]
    """From the first to the last, both included; raises as `is_there` does."""
    check: Callable[[], Awaitable[object]]
    """Raises `RequestError` once whoever asked may not have them any more."""


class _Stored(NamedTuple):
    mime: str
    head: bytes
    info: BlobInfo
    thumbnail_bytes: int | None


class SharedFiles:
    """Files belong to their uploader; members of a conversation that carries one may have it."""

    def __init__(
        self,
        files: Files,
        blobs: Blobs,
        links: FileLinks,
        limits: Limits,
        pictures: Pictures,
        allowed: frozenset[str] = ALLOWED,
    ) -> None:
        self._files = files
        self._blobs = blobs
        self._links = links
        self._limits = limits
        self._pictures = pictures
        self._allowed = allowed

    async def upload(self, caller: Caller, upload: Upload) -> FileReply:
        """Keep a file.

        Raises `RequestError`: `payload_too_large` as soon as it is known, for a file that is too
        large or for which the quota has no room; `validation_failed` for types that are not taken,
        for files that are not what they are said to be, and for images with too many pixels.
        """
        limit = self._limits.file_bytes
        wanted = min(limit, upload.announced_bytes or limit)
        grant = await self._files.begin_upload(caller.user_id, wanted, upload.key)
        is_short = grant.bytes < wanted
        over = self._files.over_quota(grant.used) if is_short else too_large(limit)
        try:
            intake = Intake(upload, self._allowed, grant.bytes, over)
            await intake.begun()
            with _store_told():
                stored = await self._store(grant.file_id, intake)
            kept = await self._keep(caller, upload, grant.file_id, stored)
        except BaseException:
            await asyncio.shield(self._give_up(grant.file_id))
            raise
        if kept.id != grant.file_id:
            await self._give_up(grant.file_id)
        answer = self._reply(kept)
        return answer if kept.id == grant.file_id else RepeatedFile(answer.file)

    async def get(self, caller: Caller, file_id: UUID) -> FileReply:
        """What is known of a file, with a fresh address; `not_found` to strangers."""
        return self._reply(await self._files.visible_to(caller.user_id, file_id))

    async def remove(self, caller: Caller, file_id: UUID) -> Empty:
        """Remove one's own file; `conflict` while something names it, `forbidden` to others who
        see it.
        """
        row = await self._files.visible_to(caller.user_id, file_id)
        if row.owner_id != caller.user_id:
            raise RequestError(ErrorCode.FORBIDDEN, "only who has uploaded a file removes it")
        await self._files.remove(caller.user_id, file_id)
        return Empty()

    async def content(
        self, caller: Caller, file_id: UUID, *, is_thumbnail: bool = False
    ) -> FileContent:
        """The bytes, for a user who may have them; `not_found` to strangers."""

        async def check() -> FileRow:
            return await self._files.visible_to(caller.user_id, file_id)

        return self._content(await check(), check, is_linked=False, is_thumbnail=is_thumbnail)

    async def linked_content(
        self, file_id: UUID, expires: str, signature: str, *, is_thumbnail: bool = False
    ) -> FileContent:
        """The bytes, for whoever has a signed address; `forbidden` when it is forged or over,
        `not_found` when nothing names the file any more.
        """
        if not self._links.is_signed(file_id, expires, signature):
            raise RequestError(ErrorCode.FORBIDDEN, "the address is not valid or has ended")

        async def check() -> FileRow:
            return await self._files.by_link(file_id)

        return self._content(await check(), check, is_linked=True, is_thumbnail=is_thumbnail)

    async def _store(self, file_id: UUID, intake: Intake) -> _Stored:
        if not intake.mime.startswith("image/"):
            info = await self._blobs.put(content_key(file_id), intake.passing())
            return _Stored(intake.mime, b"", info, None)
        async with self._pictures.prepared(intake.mime, intake.passing()) as picture:
            info = await self._blobs.put(content_key(file_id), chunks_of(picture.content))
            thumbnail_bytes = None
            if picture.thumbnail is not None:
                thumbnail = await self._blobs.put(
                    thumbnail_key(file_id), chunks_of(picture.thumbnail)
                )
                thumbnail_bytes = thumbnail.size_bytes
            return _Stored(intake.mime, bytes(intake.head), info, thumbnail_bytes)

    async def _keep(
        self, caller: Caller, upload: Upload, file_id: UUID, stored: _Stored
    ) -> FileRow:
        width, height = await asyncio.to_thread(_sides, stored.mime, stored.head)
        file = NewFile(
            id=file_id,
            owner_id=caller.user_id,
            name=clean_name(upload.name),
            mime=stored.mime,
            size_bytes=stored.info.size_bytes,
            sha256=stored.info.sha256,
            width=width,
            height=height,
            thumbnail_bytes=stored.thumbnail_bytes,
        )
        return await self._files.add(file, upload.key)

    async def _give_up(self, file_id: UUID) -> None:
        """Forget what a failed upload stored, and give its part of the quota back; what cannot be
        done now is done by the sweep. Bytes go only once it is known that no file has them.
        """
        try:
            if await self._files.give_up(file_id):
                for key in keys_of(file_id):
                    await self._blobs.delete(key)
                await self._files.gone(file_id)
        except (OSError, RequestError) as error:
            log.warning("upload_left_over", file_id=str(file_id), reason=type(error).__name__)

    def _content(
        self,
        row: FileRow,
        check: Callable[[], Awaitable[object]],
        *,
        is_linked: bool,
        is_thumbnail: bool,
    ) -> FileContent:
        tag = row.checksum.hex()
        if is_thumbnail and row.thumbnail_bytes is not None:
            key, name = thumbnail_key(row.id), f"{row.name.rpartition('.')[0] or row.name}.webp"
            mime, size_bytes, tag = _THUMBNAIL_MIME, row.thumbnail_bytes, f"{tag}-thumbnail"
        else:
            # An image of which there is no smaller picture is small, or of before there were any.
            key, name, mime, size_bytes = content_key(row.id), row.name, row.mime, row.bytes

        def missing() -> RequestError:
            log.error("blob_missing", file_id=str(row.id), key=key)
            return RequestError.not_found("file")

        async def is_there() -> None:
            with _store_told():
                if await self._blobs.head(key) is None:
                    raise missing()

        async def read(first: int, last: int) -> AsyncIterator[bytes]:
            try:
                with _store_told():
                    async for chunk in self._blobs.get(key, first, last):
                        yield chunk
            except FileNotFoundError:
                raise missing() from None

        return FileContent(name, mime, size_bytes, tag, is_linked, is_there, read, check)

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
                thumbnail_url=thumbnail_url(url, row.mime),
            )
        )


@contextlib.contextmanager
def _store_told() -> Iterator[None]:
    """A store that does not answer, as what may be asked again."""
    try:
        yield
    except StoreUnavailableError as error:
        log.warning("file_store_unavailable", reason=str(error))
        raise RequestError.unavailable("the file store") from error


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
