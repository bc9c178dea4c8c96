"""What is removed of files: rows that nothing names, then the bytes, whoever dies between."""

import asyncio
from datetime import timedelta

import pytest

from handlers.files.intake import Upload
from protocol.errors import RequestError
from storage.database.queries import load_queries
from storage.files.blobs import StoreUnavailableError, thumbnail_key
from storage.files.sweep import FileSweep
from tests.integration.files.conftest import DAY_S, asking


async def attach(pool, room, seq, file_id):
    await pool.execute(
        "insert into message_attachments values ($1, $2, 0, $3)", room.id, seq, file_id
    )


async def test_what_nothing_names_goes_after_its_time(pool, people, upload, age, sweep, blobs):
    file_id = await upload(people[0])
    await age(DAY_S - 60)
    assert await sweep.turn() == (0, 0, 0)
    await age(120)
    later = await upload(people[0])
    assert await sweep.turn() == (1, 0, 1)
    assert blobs.keys() == {str(later)}
    assert await pool.fetchval("select count(*) from files where id = $1", file_id) == 0
    assert await pool.fetchval("select bytes from file_usage") == 5
    assert await sweep.turn() == (0, 0, 0)


async def test_what_a_message_names_stays_until_it_ceases_to(
    pool, people, upload, age, sweep, blobs, seeder
):
    room = await seeder.conversation(*people[:2])
    seq = await seeder.message(room)
    file_id = await upload(people[0])
    await attach(pool, room, seq, file_id)
    await age()
    assert await sweep.turn() == (0, 0, 0)
    assert await pool.fetchval("select unnamed_since is null from files"), (
        "it is not looked at again"
    )
    await pool.execute("delete from message_attachments")
    await age(DAY_S - 60)
    assert await sweep.turn() == (0, 0, 0), "its time begins when it is no longer named"
    await age(120)
    assert await sweep.turn() == (1, 0, 1)
    assert not blobs.keys()


async def test_the_thumbnail_goes_too(people, upload, age, sweep, blobs):
    file_id = await upload(people[0])

    async def small():
        yield b"small"

    await blobs.put(thumbnail_key(file_id), small())
    await age()
    await sweep.turn()
    assert not blobs.keys()


class _Stops(Exception):
    """The process has died here."""


async def test_a_crash_between_row_and_bytes_leaves_nothing(
    pool, people, upload, age, sweep, blobs, monkeypatch
):
    for _ in range(3):
        await upload(people[0])
    await age()
    deletions = 0

    async def dies(_key):
        nonlocal deletions
        deletions += 1
        raise _Stops

    with monkeypatch.context() as patch:
        patch.setattr(blobs, "delete", dies)
        with pytest.raises(_Stops):
            await sweep.turn()
    assert deletions == 1
    assert await pool.fetchval("select count(*) from files") == 0
    assert len(blobs.keys()) == 3
    assert await sweep.turn() == (0, 0, 3)
    assert not blobs.keys()
    assert await pool.fetchval("select count(*) from file_removals") == 0


async def test_a_crash_after_the_bytes_is_harmless(people, upload, age, sweep, blobs, monkeypatch):
    await upload(people[0])
    await age()
    delete = blobs.delete

    async def dies_after(key):
        await delete(key)
        if key.startswith("thumbnail"):
            raise _Stops

    with monkeypatch.context() as patch:
        patch.setattr(blobs, "delete", dies_after)
        with pytest.raises(_Stops):
            await sweep.turn()
    assert await sweep.turn() == (0, 0, 1)


async def test_a_store_that_refuses_is_asked_again_later(
    pool, people, upload, age, sweep, blobs, monkeypatch
):
    for _ in range(3):
        await upload(people[0])
    await age()
    asked = 0

    async def away(_key):
        nonlocal asked
        asked += 1
        raise StoreUnavailableError("away")

    with monkeypatch.context() as patch:
        patch.setattr(blobs, "delete", away)
        assert await sweep.turn() == (3, 0, 0)
        assert await sweep.turn() == (0, 0, 0)
    assert asked == 1, "one refusal ends the turn"
    await age()
    assert await sweep.turn() == (0, 0, 3)
    assert not blobs.keys()


async def test_one_blob_that_cannot_be_removed_holds_up_no_other(
    people, upload, age, sweep, blobs, monkeypatch
):
    stuck = str(await upload(people[0]))
    await upload(people[0])
    await age()
    delete = blobs.delete

    async def sticks(key):
        if key == stuck:
            raise PermissionError(key)
        await delete(key)

    monkeypatch.setattr(blobs, "delete", sticks)
    assert await sweep.turn() == (2, 0, 1)
    assert blobs.keys() == {stuck}


async def test_an_upload_whose_process_died_is_given_up(
    pool, people, files, age, sweep, blobs, upload, monkeypatch
):
    async def dies(*_):
        raise _Stops

    with monkeypatch.context() as patch:
        patch.setattr(files, "_give_up", dies)
        patch.setattr(files, "_keep", dies)
        with pytest.raises(_Stops):
            await upload(people[0], b"x" * 5_000)
    assert len(blobs.keys()) == 1
    assert await pool.fetchval("select bytes from file_usage") == 6_000
    assert await sweep.turn() == (0, 0, 0)
    await age()
    assert await sweep.turn() == (0, 1, 1)
    assert not blobs.keys()
    assert await pool.fetchval("select bytes from file_usage") == 0


async def test_an_upload_that_was_given_up_makes_no_file(pool, people, files, age, sweep, blobs):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly():
        yield b"x" * 5_000
        begun.set()
        await go_on.wait()
        yield b"x"

    task = asyncio.ensure_future(files.upload(asking(people[0]), Upload("a", None, slowly())))
    await begun.wait()
    await age()
    assert (await sweep.turn()).uploads == 1
    go_on.set()
    with pytest.raises(RequestError, match="did not arrive in time"):
        await task
    assert not blobs.keys()
    assert await pool.fetchval("select count(*) from files") == 0


async def test_processes_may_sweep_at_once(pool, people, upload, age, blobs):
    for _ in range(20):
        await upload(people[0])
    await age()
    turns = await asyncio.gather(*(FileSweep(pool, blobs, DAY_S).turn() for _ in range(4)))
    assert sum(turn.files for turn in turns) == 20
    assert not blobs.keys()


@pytest.mark.parametrize("step", ["sweep", "give_up_uploads"])
async def test_processes_that_sweep_at_once_do_not_wait_for_each_other(
    pool, people, upload, age, blobs, step
):
    """Each removes what two people have, in opposite orders."""
    anna, ben, _ = people
    for n, owner in enumerate([anna, ben, ben, anna]):
        await upload(owner)
        await pool.execute(
            "insert into file_uploads values (uuid7(), $1, 5, now() + $2 * interval '1 s')",
            owner,
            n,
        )
    await age()
    what = load_queries("files/sweep")[step], timedelta(hours=1), 1
    async with (
        pool.acquire() as first,
        pool.acquire() as second,
        asyncio.timeout(10),
        first.transaction(),
        second.transaction(),
    ):
        assert (await first.fetchrow(*what))[0] == 1
        await second.fetchrow(*what)
        await asyncio.gather(first.fetchrow(*what), second.fetchrow(*what))
    table = {"sweep": "files", "give_up_uploads": "file_uploads"}[step]
    assert await pool.fetchval(f"select count(*) from {table}") == 2
    await FileSweep(pool, blobs, DAY_S).turn()
    assert await pool.fetchval(f"select count(*) from {table}") == 0
    assert await pool.fetchval("select sum(bytes) from file_usage") == 0


async def test_files_of_before_are_looked_at(pool, people, upload, age, sweep, seeder, blobs):
    """The step that adds the column leaves them so."""
    room = await seeder.conversation(*people[:2])
    seq = await seeder.message(room)
    kept, _gone = await upload(people[0]), await upload(people[0])
    await attach(pool, room, seq, kept)
    await age()
    fresh = await upload(people[0])
    await pool.execute("update files set unnamed_since = '-infinity'")
    assert await sweep.turn() == (1, 0, 1)
    assert blobs.keys() == {str(kept), str(fresh)}


@pytest.mark.parametrize("step", ["remove", "sweep"])
async def test_naming_and_removing_at_once(pool, people, upload, age, sweep, seeder, step):
    """Whichever commits first: a file that is named is there, or naming it is refused."""
    room = await seeder.conversation(*people[:2])
    seq = await seeder.message(room)
    file_id = await upload(people[0])
    await age()

    async def remove():
        if step == "sweep":
            return (await sweep.turn()).files == 1
        return await pool.fetchval("select remove_file($1, $2)", file_id, people[0]) == "ok"

    async with pool.acquire() as naming, naming.transaction():
        await naming.execute(
            "insert into message_attachments values ($1, $2, 0, $3)", room.id, seq, file_id
        )
        removing = asyncio.ensure_future(remove())
        if step == "sweep":
            assert not await removing, "a file that is being named is left alone"
        else:
            waiting = "select count(*) from pg_locks where not granted"
            async with asyncio.timeout(5):
                while not await pool.fetchval(waiting):
                    await asyncio.sleep(0.01)
    assert not await removing
    assert await pool.fetchval("select count(*) from files where id = $1", file_id) == 1
