"""The local blob store keeps whole blobs or none."""

import asyncio
import hashlib
import os

import pytest

from storage.files.blobs import LocalBlobs

KEY = "01a1fb6e-b2b1-7d53-810f-5bd1ddee0b92"


async def chunks(*parts):
    for part in parts:
        yield part


async def read(blobs, *bounds):
    return b"".join([chunk async for chunk in blobs.get(KEY, *bounds)])


@pytest.fixture
def blobs(tmp_path):
    return LocalBlobs(tmp_path / "files")


def names(tmp_path):
    return [path.name for path in tmp_path.rglob("*") if path.is_file()]


async def test_put_get_head_delete(blobs):
    info = await blobs.put(KEY, chunks(b"hello ", b"", b"world"))
    assert info == (11, hashlib.sha256(b"hello world").digest())
    assert (await blobs.head(KEY)).size_bytes == 11
    assert await read(blobs) == b"hello world"
    assert await read(blobs, 6) == b"world"
    assert await read(blobs, 1, 3) == b"ell"
    assert await read(blobs, 20) == b""
    assert blobs.local_path(KEY).read_bytes() == b"hello world"
    await blobs.put(KEY, chunks(b"anew"))
    assert await read(blobs) == b"anew"
    await blobs.delete(KEY)
    await blobs.delete(KEY)
    assert await blobs.head(KEY) is None
    with pytest.raises(FileNotFoundError):
        await read(blobs)


async def test_nobody_else_on_the_machine_reads_them(blobs):
    await blobs.put(KEY, chunks(b"x"))
    assert blobs.local_path(KEY).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "key", ["", "..", "../../x", "a/b/c/d", "/etc/passwd", "abcd\0", ".hidden"]
)
async def test_keys_lead_nowhere_else(blobs, key):
    with pytest.raises(ValueError, match="not a key"):
        await blobs.put(key, chunks(b"x"))
    with pytest.raises(ValueError, match="not a key"):
        blobs.local_path(key)


async def test_a_broken_put_keeps_what_was_there(blobs, tmp_path):
    await blobs.put(KEY, chunks(b"first"))

    async def breaking():
        yield b"second"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await blobs.put(KEY, breaking())
    assert await read(blobs) == b"first"
    assert names(tmp_path) == [KEY]


async def test_a_cancelled_put_leaves_nothing(blobs, tmp_path):
    reached = asyncio.Event()

    async def endless():
        yield b"x"
        reached.set()
        await asyncio.sleep(30)

    task = asyncio.ensure_future(blobs.put(KEY, endless()))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not names(tmp_path)


async def test_sweeping_leaves_the_living_alone(blobs, tmp_path):
    await blobs.put(KEY, chunks(b"x"))
    for name, age_s in (("old", 7200), ("new", 60)):
        left = tmp_path / "files" / "unfinished" / name
        left.write_bytes(b"x")
        then = left.stat().st_mtime - age_s
        os.utime(left, (then, then))
    assert await blobs.sweep(3600) == 1
    assert sorted(names(tmp_path)) == sorted([KEY, "new"])
