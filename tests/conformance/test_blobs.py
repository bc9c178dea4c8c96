"""Every store keeps whole blobs or none: a directory, and a bucket of a server that speaks S3."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from storage.files.blobs import LocalBlobs
from storage.files.s3_blobs import S3Blobs

KEY = "01a1fb6e-b2b1-7d53-810f-5bd1ddee0b92"
LARGE = 11_000_000
"""More than two parts of an upload to S3."""


async def chunks(*parts):
    for part in parts:
        yield part


async def large(size=LARGE):
    for start in range(0, size, 200_000):
        yield bytes([start // 200_000 % 251]) * min(200_000, size - start)


async def read(blobs, *bounds):
    return b"".join([chunk async for chunk in blobs.get(KEY, *bounds)])


@pytest.fixture(params=["local", "s3"])
def store(request, tmp_path: Path):
    """A store, and what names all that is in it, unfinished uploads counted."""
    if request.param == "local":

        def files():
            return [path.name for path in tmp_path.rglob("*") if path.is_file()]

        async def local_names():
            return await asyncio.to_thread(files)

        return LocalBlobs(tmp_path / "files"), local_names
    server = request.getfixturevalue("s3_server")
    bucket = server.bucket(timeout_s=10)

    async def names():
        unfinished = ["unfinished"] * await server.unfinished(bucket)
        return [key.removeprefix("parley/") for key in await server.keys(bucket)] + unfinished

    return S3Blobs(bucket), names


@pytest.fixture
def blobs(store):
    return store[0]


@pytest.fixture
def names(store):
    return store[1]


async def test_put_get_head_delete(blobs):
    info = await blobs.put(KEY, chunks(b"hello ", b"", b"world"))
    assert info == (11, hashlib.sha256(b"hello world").digest())
    assert (await blobs.head(KEY)).size_bytes == 11
    assert await read(blobs) == b"hello world"
    assert await read(blobs, 6) == b"world"
    assert await read(blobs, 1, 3) == b"ell"
    assert await read(blobs, 10, 40) == b"d"
    assert await read(blobs, 20) == b""
    await blobs.put(KEY, chunks(b"anew"))
    assert await read(blobs) == b"anew"
    await blobs.delete(KEY)
    await blobs.delete(KEY)
    assert await blobs.head(KEY) is None
    with pytest.raises(FileNotFoundError):
        await read(blobs)


async def test_an_empty_blob_is_one(blobs):
    assert await blobs.put(KEY, chunks()) == (0, hashlib.sha256().digest())
    assert (await blobs.head(KEY)).size_bytes == 0
    assert await read(blobs) == b""


async def test_a_large_blob_comes_back_as_it_was(blobs, names):
    whole = b"".join([chunk async for chunk in large()])
    info = await blobs.put(KEY, large())
    assert info == (LARGE, hashlib.sha256(whole).digest())
    assert await read(blobs) == whole
    assert await read(blobs, 5_000_000, 7_000_000) == whole[5_000_000:7_000_001]
    assert await names() == [KEY]


@pytest.mark.parametrize(
    "key", ["", "..", "../../x", "a/b/c/d", "/etc/passwd", "abcd\0", ".hidden"]
)
async def test_keys_lead_nowhere_else(blobs, key):
    with pytest.raises(ValueError, match="not a key"):
        await blobs.put(key, chunks(b"x"))
    with pytest.raises(ValueError, match="not a key"):
        await anext(blobs.get(key))
    for call in (blobs.head, blobs.delete):
        with pytest.raises(ValueError, match="not a key"):
            await call(key)


@pytest.mark.parametrize("size", [6, LARGE])
async def test_a_broken_put_keeps_what_was_there(blobs, names, size):
    await blobs.put(KEY, chunks(b"first"))

    async def breaking():
        async for chunk in large(size):
            yield chunk
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await blobs.put(KEY, breaking())
    assert await read(blobs) == b"first"
    assert await names() == [KEY]


@pytest.mark.parametrize("size", [6, LARGE])
async def test_a_cancelled_put_leaves_nothing(blobs, names, size):
    reached = asyncio.Event()

    async def endless():
        async for chunk in large(size):
            yield chunk
        reached.set()
        await asyncio.sleep(30)

    task = asyncio.ensure_future(blobs.put(KEY, endless()))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await names() == []


async def test_many_at_once(blobs):
    keys = [f"{KEY}-{number}" for number in range(20)]
    await asyncio.gather(*(blobs.put(key, chunks(key.encode())) for key in keys))
    for key in keys:
        assert b"".join([chunk async for chunk in blobs.get(key)]) == key.encode()
