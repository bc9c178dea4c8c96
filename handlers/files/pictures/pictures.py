"""Images on their way in: kept in a directory while a process of their own works on them."""

import asyncio
import contextlib
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import structlog

from protocol.errors import RequestError

log = structlog.get_logger()

_PROCESSES = 2
_CHUNK = 262_144
_ROOT = Path(__file__).parents[3]
_MODULE = "handlers.files.pictures.process"
_TOLD_BYTES = 1_000
# No settings and no secrets are handed to what reads a stranger's bytes.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE", "SYSTEMROOT", "TMPDIR")


class PictureLimits(NamedTuple):
    """What an image may have and take. `seconds` is how long one is worked on, at the most."""

    pixels: int
    thumbnail_side: int
    seconds: float


class Picture(NamedTuple):
    """An image that tells no place, and a smaller picture of it if one could be made."""

    content: Path
    thumbnail: Path | None


class Pictures:
    """Works on a few images at a time; others wait."""

    def __init__(self, directory: Path, limits: PictureLimits) -> None:
        self._directory = directory
        self._limits = limits
        self._free = asyncio.Semaphore(_PROCESSES)

    @contextlib.asynccontextmanager
    async def prepared(self, mime: str, chunks: AsyncIterator[bytes]) -> AsyncIterator[Picture]:
        """The image that the chunks say, as long as the block lasts.

        Raises `RequestError`: `validation_failed` for one that cannot be read or has too many
        pixels, `unavailable` when that is not known in time. What `chunks` raises passes.
        """
        directory = await asyncio.to_thread(_directory_in, self._directory)
        try:
            source = directory / "source"
            await _write(source, chunks)
            yield await self._work(mime, source)
        finally:
            # Also when cancelled: without an await, so that nothing can stop it.
            shutil.rmtree(directory, ignore_errors=True)

    async def sweep(self, older_than_s: float) -> None:
        """Remove what was begun that long ago by processes that have died."""
        await asyncio.to_thread(_sweep, self._directory, time.time() - older_than_s)

    async def _work(self, mime: str, source: Path) -> Picture:
        cleaned, thumbnail = source.with_name("cleaned"), source.with_name("thumbnail")
        limits = self._limits
        numbers = (limits.pixels, limits.thumbnail_side, math.ceil(limits.seconds))
        arguments = (source, cleaned, thumbnail, mime, *numbers)
        async with self._free:
            told, is_late = await _run([str(argument) for argument in arguments], limits.seconds)
        if told and told[0].startswith("pixels"):
            raise RequestError.invalid("file", f"has more than {limits.pixels} pixels")
        if not told and is_late:
            log.warning("image_took_too_long")
            raise RequestError.unavailable("the image")
        if not told:
            raise RequestError.invalid("file", "is an image that cannot be read")
        content = cleaned if told[0] == "cleaned" else source
        return Picture(content, thumbnail if "thumbnail" in told else None)


async def chunks_of(path: Path) -> AsyncIterator[bytes]:
    """The bytes of a file."""
    source = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(source.read, _CHUNK):
            yield chunk
    finally:
        source.close()


async def _run(arguments: list[str], seconds: float) -> tuple[list[str], bool]:
    """The lines that the process has written, and whether it was ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _MODULE,
        *arguments,
        cwd=_ROOT,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    told = b""
    is_late = False
    try:
        async with asyncio.timeout(seconds):
            while part := await process.stdout.read(_TOLD_BYTES):
                told = (told + part)[:_TOLD_BYTES]
    except TimeoutError:
        is_late = True
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())  # killed, it ends at once
    return told.decode("ascii", "replace").splitlines(), is_late


async def _write(path: Path, chunks: AsyncIterator[bytes]) -> None:
    out: BinaryIO = await asyncio.to_thread(path.open, "xb")
    try:
        async for chunk in chunks:
            await asyncio.to_thread(out.write, chunk)
    finally:
        out.close()


def _directory_in(directory: Path) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="image-", dir=directory))


def _sweep(directory: Path, before: float) -> None:
    for path in directory.glob("image-*"):
        if path.stat().st_mtime < before:
            shutil.rmtree(path, ignore_errors=True)
