"""What a person's files may have together, whatever arrives at once."""

import asyncio

import pytest

from handlers.files.intake import Upload
from protocol.errors import RequestError
from tests.integration.files.conftest import QUOTA, asking


async def used(pool, owner):
    counted = await pool.fetchval("select bytes from file_usage where owner_id = $1", owner)
    summed = await pool.fetchval(
        """
        select coalesce((select sum(bytes) from files where owner_id = $1), 0)
             + coalesce((select sum(bytes) from file_uploads where owner_id = $1), 0)
        """,
        owner,
    )
    assert counted in {summed, None}
    return summed


async def test_the_quota_at_its_edge(pool, people, upload, blobs):
    anna, ben, _ = people
    await upload(anna, b"x" * 6_000)
    await upload(anna, b"x" * 4_000)
    assert await used(pool, anna) == QUOTA
    for announced in (None, 1):
        with pytest.raises(RequestError, match="at most 10000 bytes") as refused:
            await upload(anna, b"x", announced=announced)
        assert refused.value.code == "payload_too_large"
        assert refused.value.details == {
            "limit": "file_quota_bytes", "limit_bytes": QUOTA, "used_bytes": QUOTA,
        }  # fmt: skip
    await upload(ben, b"x" * 6_000)
    assert len(blobs.keys()) == 3
    assert await pool.fetchval("select count(*) from file_uploads") == 0


async def test_a_file_that_is_too_large_by_itself_is_told_so(people, upload):
    with pytest.raises(RequestError, match="at most 6000 bytes") as refused:
        await upload(people[0], b"x" * 6_001)
    assert refused.value.details["limit"] == "file_bytes"


@pytest.mark.parametrize("announced", [None, 900])
async def test_uploads_at_once_do_not_pass_the_quota(pool, people, upload, blobs, announced):
    """With and without an announced size, and for a person of whom nothing was counted yet."""
    anna = people[0]
    done = await asyncio.gather(
        *(upload(anna, b"x" * 900, announced=announced) for _ in range(40)),
        return_exceptions=True,
    )
    kept = [one for one in done if not isinstance(one, BaseException)]
    assert {one.code for one in done if isinstance(one, RequestError)} <= {"payload_too_large"}
    assert await used(pool, anna) == 900 * len(kept) <= QUOTA
    assert kept
    if announced:
        assert len(kept) == QUOTA // 900, "what is announced takes no more than that"
    assert len(blobs.keys()) == len(kept)
    assert await pool.fetchval("select count(*) from file_uploads") == 0


async def test_an_upload_takes_its_part_before_it_has_arrived(pool, people, files, upload):
    anna = people[0]
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly():
        yield b"x" * 5_000
        begun.set()
        await go_on.wait()
        yield b"x" * 1_000

    first = asyncio.ensure_future(files.upload(asking(anna), Upload("a", None, slowly())))
    await begun.wait()
    with pytest.raises(RequestError):
        await upload(anna, b"x" * 4_001, announced=4_001)
    await upload(anna, b"x" * 4_000, announced=4_000)
    go_on.set()
    await first
    assert await used(pool, anna) == QUOTA


@pytest.mark.parametrize("fails", [RequestError.invalid("file", "x"), ConnectionResetError()])
async def test_what_fails_gives_its_part_back(pool, people, files, upload, blobs, fails):
    async def breaking():
        yield b"x" * 5_000
        raise fails

    with pytest.raises(type(fails)):
        await files.upload(asking(people[0]), Upload("a", None, breaking()))
    assert await used(pool, people[0]) == 0
    assert not blobs.keys()
    await upload(people[0], b"x" * 6_000)


async def test_a_cancelled_upload_gives_its_part_back(pool, people, files, blobs):
    begun = asyncio.Event()

    async def endless():
        yield b"x" * 5_000
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(files.upload(asking(people[0]), Upload("a", None, endless())))
    await begun.wait()
    assert await used(pool, people[0]) == 6_000
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await used(pool, people[0]) == 0
    assert not blobs.keys()


async def test_what_fails_leaves_nothing_to_remove(pool, people, upload, blobs):
    with pytest.raises(RequestError):
        await upload(people[0], b"x" * 6_001)
    assert not blobs.keys()
    assert await pool.fetchval("select count(*) from file_removals") == 0


async def test_a_repetition_is_answered_though_the_quota_is_full(pool, people, upload, blobs):
    anna = people[0]
    await upload(anna, b"x" * 5_000)
    first = await upload(anna, b"y" * 5_000, key="one")
    assert await upload(anna, b"y" * 5_000, key="one") == first
    with pytest.raises(RequestError) as refused:
        await upload(anna, b"z" * 5_000, key="one")
    assert refused.value.code == "duplicate_mismatch"
    assert await used(pool, anna) == QUOTA
    assert len(blobs.keys()) == 2
    # A key that was forgotten meanwhile is no way round.
    await pool.execute("update idempotency_keys set created_at = now() - interval '2 days'")
    with pytest.raises(RequestError) as refused:
        await upload(anna, b"y" * 5_000, key="one")
    assert refused.value.code == "payload_too_large"


async def test_files_of_before_count(pool, people, upload):
    """As the version before left them, and stores them while both run."""
    anna = people[0]
    insert = """
        insert into files (owner_id, name, mime, bytes, checksum)
        values ($1, 'a', 'text/plain', $2, '')
    """
    await pool.execute(insert, anna, 3_000)
    await pool.execute("delete from file_usage")
    await pool.execute(insert, anna, 3_000)
    assert await used(pool, anna) == 6_000
    await upload(anna, b"x" * 4_000)
    with pytest.raises(RequestError):
        await upload(anna, b"x")
