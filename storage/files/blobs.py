"""Bytes by key, as an S3 bucket keeps them: put, get, head, delete. The store here is a directory.

A blob is whole or absent: it is written beside its place, made durable and then renamed.
`storage/files/s3_blobs.py` keeps them in a bucket.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol
from uuid import UUID, uuid4

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,127}")
_UNFINISHED = "unfinished"
_CHUNK = 262_144


class BlobInfo(NamedTuple):
    """What is known of a blob; `sha256` is known of one just written."""

    size_bytes: int
    sha256: bytes = b""


class StoreUnavailableError(OSError):
    """The store does not answer in time, or refuses us; it may do later."""


class Blobs(Protocol):
    """A store. Keys are of letters, digits, `-` and `_`; another raises `ValueError`.

    Methods raise `OSError` when a disk refuses, `StoreUnavailableError` when a server does.
    """

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> BlobInfo:
        """Keep what the chunks say; replaces a blob of this key at once, and only when complete.

        What `chunks` raises passes, and nothing is kept.
        """

    def get(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both included; raises `FileNotFoundError`."""

    async def head(self, key: str) -> BlobInfo | None:
        """The size, or None when there is no such blob."""

    async def delete(self, key: str) -> None:
        """Forget a blob; one that is absent is no error."""


def content_key(file_id: UUID) -> str:
    """Where the bytes of a file are."""
    return str(file_id)


def thumbnail_key(file_id: UUID) -> str:
    """Where the smaller picture of an image is."""
    return f"thumbnail-{file_id}"


def keys_of(file_id: UUID) -> tuple[str, ...]:
    """All that may be kept of a file."""
    return content_key(file_id), thumbnail_key(file_id)


def checked_key(key: str) -> str:
    """The key; raises `ValueError` for what may lead elsewhere."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key[:40]!r}")
    return key


class LocalBlobs:
    """The blobs under one directory, which processes of one machine may share."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> BlobInfo:
        """Keep what the chunks say."""
        final = self._place(key)
        unfinished = self._directory / _UNFINISHED / f"{key}.{uuid4().hex}"
        out = await asyncio.to_thread(_create, unfinished)
        try:
            info = await self._fill(out, chunks)
            await asyncio.to_thread(_finish, out, unfinished, final)
        except BaseException:
            # Also when cancelled: without an await, so that nothing can stop it.
            with contextlib.suppress(OSError):
                out.close()
            unfinished.unlink(missing_ok=True)
            raise
        return info

    async def get(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both included."""
        source = await asyncio.to_thread(self._place(key).open, "rb")
        try:
            left = None if last is None else last - first + 1
            await asyncio.to_thread(source.seek, first)
            while left is None or left > 0:
                size = _CHUNK if left is None else min(_CHUNK, left)
                chunk = await asyncio.to_thread(source.read, size)
                if not chunk:
                    return
                if left is not None:
                    left -= len(chunk)
                yield chunk
        finally:
            source.close()

    async def head(self, key: str) -> BlobInfo | None:
        """The size, or None when there is no such blob."""
        place = self._place(key)
        try:
            return BlobInfo((await asyncio.to_thread(place.stat)).st_size)
        except FileNotFoundError:
            return None

    async def delete(self, key: str) -> None:
        """Forget a blob; one that is absent is no error."""
        place = self._place(key)
        await asyncio.to_thread(place.unlink, missing_ok=True)

    async def sweep(self, older_than_s: float) -> int:
        """Remove what was begun that long ago and never finished; how many there were."""
        return await asyncio.to_thread(self._sweep, time.time() - older_than_s)

    async def _fill(self, out: BinaryIO, chunks: AsyncIterator[bytes]) -> BlobInfo:
        digest = hashlib.sha256()
        size = 0
        async for chunk in chunks:
            size += len(chunk)
            await asyncio.to_thread(_append, out, digest, chunk)
        return BlobInfo(size, digest.digest())

    def _place(self, key: str) -> Path:
        checked_key(key)
        # The end of a version 7 id is its random part: it spreads, its beginning does not.
        return self._directory / key[-2:] / key[-4:-2] / key

    def _sweep(self, before: float) -> int:
        swept = 0
        for path in (self._directory / _UNFINISHED).glob("*"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                swept += 1
        return swept


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _append(out: BinaryIO, digest: "hashlib._Hash", chunk: bytes) -> None:
    digest.update(chunk)
    out.write(chunk)


def _finish(out: BinaryIO, unfinished: Path, final: Path) -> None:
    """Durable before it is visible, and the name durable too."""
    out.flush()
    os.fsync(out.fileno())
    out.close()
    final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished.rename(final)
    directory = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
