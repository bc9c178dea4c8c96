"""What is true of the store in a bucket only: it is another machine, which may be away or deaf."""

import asyncio
import time
from dataclasses import replace

import pytest

from storage.files.blobs import StoreUnavailableError
from storage.files.s3_blobs import Bucket, S3Blobs
from tests.conformance.test_blobs import KEY, LARGE, chunks, large

TIMEOUT_S = 0.3


@pytest.fixture
async def deaf():
    """A bucket at a server that takes connections and never answers."""
    done = asyncio.Event()

    async def never(_reader, writer):
        await done.wait()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield Bucket(
        "files",
        f"http://127.0.0.1:{port}",
        access_key_id="x",
        secret_access_key="y",
        timeout_s=TIMEOUT_S,
    )
    done.set()
    server.close()


async def refused(call):
    with pytest.raises(StoreUnavailableError):
        await call


async def test_a_server_that_never_answers_is_not_awaited_for_long(deaf):
    blobs = S3Blobs(deaf)
    began = time.monotonic()
    for call in (
        blobs.put(KEY, chunks(b"x")),
        blobs.put(KEY, large()),
        blobs.head(KEY),
        blobs.delete(KEY),
        anext(blobs.get(KEY)),
    ):
        await refused(call)
    assert time.monotonic() - began < 5 * (2 * TIMEOUT_S + 1) + 5


async def test_a_server_that_is_away(deaf, unused_tcp_port):
    blobs = S3Blobs(replace(deaf, endpoint=f"http://127.0.0.1:{unused_tcp_port}"))
    await refused(blobs.put(KEY, chunks(b"x")))
    await refused(blobs.head(KEY))


async def test_a_bucket_that_is_not_there_takes_nothing(s3_server):
    blobs = S3Blobs(replace(s3_server.bucket(), name="no-such-bucket"))
    await refused(blobs.put(KEY, chunks(b"x")))
    await refused(blobs.put(KEY, large()))
    assert await blobs.head(KEY) is None


async def test_what_fails_on_the_way_does_not_keep_the_sender(s3_server):
    """A sender that goes on while the store has failed is told at the next part."""
    blobs = S3Blobs(replace(s3_server.bucket(), name="no-such-bucket"))
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 200_000
            yield b"x" * 200_000

    await refused(blobs.put(KEY, endless()))
    assert sent < 4 * LARGE
