"""The figures of all workers on one page: whichever is asked, asks the others.

Each worker tells its own to whoever connects to its socket in a directory that they share. A worker
that restarts takes its predecessor's name, so that every series is there once.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import structlog

log = structlog.get_logger()

Figures = Callable[[], Awaitable[bytes]]
"""Figures in Prometheus' text format 0.0.4."""

ASK_S = 1.0


@contextlib.asynccontextmanager
async def shared(directory: Path, worker: str, own: Figures) -> AsyncIterator[Figures]:
    """Tell the other workers our own figures as long as the block lasts; gives everybody's."""

    async def tell(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(ASK_S):
                writer.write(await own())
                await writer.drain()
        writer.close()

    path = directory / worker
    _make_room(path)
    server = await asyncio.start_unix_server(tell, path)
    ours = path.stat().st_ino

    async def everybodys() -> bytes:
        others = _others(directory, worker)
        told = await asyncio.gather(own(), *(_ask(directory / other) for other in others))
        names = [worker, *others]
        return merged({name: text for name, text in zip(names, told, strict=True) if text})

    try:
        yield everybodys
    finally:
        server.close()
        _remove(path, ours)


def _make_room(path: Path) -> None:
    """Take away a predecessor's socket; the directory went with the last worker's."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)


def _remove(path: Path, inode: int) -> None:
    """Take away a socket, unless it is a successor's by now; with the last one, the directory."""
    with contextlib.suppress(OSError):
        if path.stat().st_ino == inode:
            path.unlink()
        path.parent.rmdir()


def _others(directory: Path, worker: str) -> list[str]:
    return sorted({found.name for found in directory.iterdir()} - {worker})


async def _ask(other: Path) -> bytes:
    """Its figures; nothing from one that is gone, or too slow to tell."""
    try:
        async with asyncio.timeout(ASK_S):
            reader, writer = await asyncio.open_unix_connection(other)
            try:
                return await reader.read()
            finally:
                writer.close()
    except (OSError, TimeoutError) as error:
        log.info("worker_told_no_figures", worker=other.name, reason=type(error).__name__)
        return b""


def merged(figures: Mapping[str, bytes]) -> bytes:
    """One page of several workers' pages: each sample says whose it is, by a label `worker`.

    A family stands in one place, as the format asks, under its help and type.
    """
    families: dict[bytes, list[bytes]] = {}
    for worker, text in figures.items():
        label = b'worker="' + worker.encode() + b'"'
        for family in text.split(b"# HELP ")[1:]:
            about, kind, *samples = family.splitlines()
            lines = families.setdefault(about + b"\n" + kind, [])
            lines += (_labelled(sample, label) for sample in samples)
    return b"".join(
        b"# HELP " + head + b"\n" + b"\n".join([*samples, b""])
        for head, samples in families.items()
    )


def _labelled(sample: bytes, label: bytes) -> bytes:
    name, brace, rest = sample.partition(b"{")
    if brace:
        return name + b"{" + label + b"," + rest
    name, _space, value = sample.partition(b" ")
    return name + b"{" + label + b"} " + value
