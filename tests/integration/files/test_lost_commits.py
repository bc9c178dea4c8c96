"""An upload whose commit took effect, though whoever waited for it was told otherwise."""

import asyncio

import pytest

from handlers.files.intake import Upload
from protocol.errors import RequestError
from storage.files.files import Files
from tests.integration.files.conftest import asking

KEY = "k" * 20


async def content_of(files, owner, file_id):
    content = await files.content(asking(owner), file_id)
    return b"".join([chunk async for chunk in content.read(0, content.size_bytes - 1)])


@pytest.mark.parametrize(
    "failure", [RequestError.unavailable("PostgreSQL"), asyncio.CancelledError(), OSError()]
)
async def test_a_file_whose_commit_was_not_heard_of_keeps_its_bytes(
    pool, people, files, upload, sweep, monkeypatch, failure
):
    add = Files.add

    async def unheard(self, file, key=None):
        await add(self, file, key)
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(Files, "add", unheard)
        with pytest.raises(type(failure)):
            await upload(people[0], key=KEY)
    kept = await pool.fetchval("select id from files")
    await sweep.turn()
    assert await upload(people[0], key=KEY) == kept
    assert await content_of(files, people[0], kept) == b"hello"
    assert await pool.fetchval("select bytes from file_usage") == 5


async def test_a_commit_under_way_is_waited_for(pool, people, files, blobs):
    """The upload ends at the latest when its transaction does, and its bytes not before."""
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def breaking():
        yield b"hello"
        arrived.set()
        await go_on.wait()
        raise ConnectionResetError

    uploading = asyncio.ensure_future(
        files.upload(asking(people[0]), Upload("a.txt", None, breaking()))
    )
    await arrived.wait()
    async with pool.acquire() as other, other.transaction():
        file_id = await other.fetchval("delete from file_uploads returning file_id")
        await other.execute(
            "insert into files (id, owner_id, name, mime, bytes, checksum)"
            " values ($1, $2, 'a.txt', 'text/plain', 5, '')",
            file_id,
            people[0],
        )
        await blobs.put(str(file_id), _one(b"hello"))
        go_on.set()
        async with asyncio.timeout(5):
            while not await pool.fetchval("select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0.01)
    with pytest.raises(ConnectionResetError):
        await uploading
    assert await content_of(files, people[0], file_id) == b"hello"


async def test_bytes_stay_while_nobody_knows(pool, people, upload, age, sweep, blobs, monkeypatch):
    async def away(*_):
        raise RequestError.unavailable("PostgreSQL")

    with monkeypatch.context() as patch:
        patch.setattr(Files, "add", away)
        patch.setattr(Files, "give_up", away)
        with pytest.raises(RequestError):
            await upload(people[0])
    assert len(blobs.keys()) == 1
    await age()
    assert await sweep.turn() == (0, 1, 1)
    assert not blobs.keys()
    assert await pool.fetchval("select bytes from file_usage") == 0


async def _one(data):
    yield data
