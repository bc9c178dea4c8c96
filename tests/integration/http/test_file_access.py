"""When files end: for one, with a membership or a block; for all, with what names them."""

import asyncio
from uuid import UUID

import pytest

from server.http.files import downloads
from storage.files.blobs import StoreUnavailableError
from tests.integration.http.conftest import FILE_BYTES, QUOTA_BYTES
from tests.integration.http.test_files import stored, upload
from tests.seeding import Seeder
from tests.unit.files.images import picture, saved


@pytest.fixture
def attach(pool, owner):
    """Puts a file into a new conversation of these people; gives its id and the message's seq."""

    async def attach(file, *members, kind="group"):
        # The owner's, who makes the month of the message where it is over.
        seeder = Seeder(owner)
        room = await seeder.conversation(*members, kind=kind)
        seq = await seeder.message(room)
        await pool.execute(
            "insert into message_attachments values ($1, $2, 0, $3)",
            room.id,
            seq,
            UUID(file["file_id"]),
        )
        return room.id, seq

    return attach


def path(file):
    return f"/v1/files/{file['file_id']}"


async def statuses(knock, user, file):
    paths = (path(file), f"{path(file)}/content", f"{path(file)}/thumbnail")
    return {(await knock("GET", one, user))[0] for one in paths}


async def test_a_file_is_removed_by_its_owner(knock, people, pool, tmp_path):
    anna, ben, _ = people
    file = await upload(knock, anna)
    assert (await knock("DELETE", path(file)))[0] == 401
    assert (await knock("DELETE", path(file), ben))[0] == 404
    status, body, _ = await knock("DELETE", path(file), anna)
    assert (status, body) == (204, b"")
    assert await statuses(knock, anna, file) == {404}
    assert (await knock("GET", file["url"]))[0] == 404
    assert (await knock("DELETE", path(file), anna))[0] == 404
    assert (await knock("DELETE", "/v1/files/nonsense", anna))[0] == 404
    assert await pool.fetchval("select bytes from file_usage") == 0
    assert await pool.fetchval("select count(*) from file_removals") == 1


async def test_a_file_that_is_attached_stays(knock, people, attach, pool):
    anna, ben, carl = people
    file = await upload(knock, anna)
    await attach(file, anna, ben)
    status, body, _ = await knock("DELETE", path(file), anna)
    assert (status, body["error"]["code"]) == (409, "conflict")
    status, body, _ = await knock("DELETE", path(file), ben)
    assert (status, body["error"]["code"]) == (403, "forbidden")
    assert (await knock("DELETE", path(file), carl))[0] == 404
    assert await statuses(knock, ben, file) == {200}
    await pool.execute("delete from message_attachments")
    assert (await knock("DELETE", path(file), anna))[0] == 204


async def test_a_download_ends_with_the_membership(knock, people, attach, pool):
    anna, ben, _ = people
    file = await upload(knock, anna)
    await attach(file, anna, ben)
    assert await statuses(knock, ben, file) == {200}
    await pool.execute(
        "update conversation_participants set left_at = now() where user_id = $1", ben
    )
    assert await statuses(knock, ben, file) == {404}
    assert (await knock("GET", file["url"]))[0] == 200, "an address has its hour"
    await pool.execute("update conversation_participants set left_at = now()")
    assert (await knock("GET", file["url"]))[0] == 404, "nobody sees what names the file"
    assert await statuses(knock, anna, file) == {200}, "it is the owner's"


@pytest.mark.parametrize("by", [0, 1])
@pytest.mark.parametrize("kind", ["direct", "group"])
async def test_a_download_ends_with_a_block(knock, people, attach, pool, by, kind):
    anna, ben, _ = people
    file = await upload(knock, anna)
    await attach(file, anna, ben, kind=kind)
    assert await statuses(knock, ben, file) == {200}
    await pool.execute("insert into user_blocks values ($1, $2)", people[by], people[1 - by])
    assert await statuses(knock, ben, file) == {404}
    assert await statuses(knock, anna, file) == {200}
    await pool.execute("delete from user_blocks")
    assert await statuses(knock, ben, file) == {200}


async def test_a_block_hides_nothing_in_a_group(knock, people, attach, pool):
    anna, ben, carl = people
    file = await upload(knock, anna)
    await attach(file, anna, ben, carl)
    await pool.execute("insert into user_blocks values ($1, $2)", anna, ben)
    assert await statuses(knock, ben, file) == {200}
    await pool.execute(
        "update conversation_participants set left_at = now() where user_id = $1", carl
    )
    assert await statuses(knock, ben, file) == {404}, "they are alone in it"


async def test_a_block_between_two_leaves_what_the_file_is_elsewhere(knock, people, attach, pool):
    anna, ben, carl = people
    file = await upload(knock, anna)
    await attach(file, anna, ben)
    await attach(file, anna, ben, carl)
    await pool.execute("insert into user_blocks values ($1, $2)", anna, ben)
    assert await statuses(knock, ben, file) == {200}


async def test_an_address_ends_with_what_names_the_file(knock, people, attach, pool):
    anna, ben, _ = people
    file = await upload(knock, anna)
    assert (await knock("GET", file["url"]))[0] == 200, "before it is sent, it is looked at"
    await attach(file, anna, ben)
    await attach(file, anna, ben)
    first = await pool.fetchval("select conversation_id from message_attachments limit 1")
    await pool.execute("delete from message_attachments where conversation_id = $1", first)
    assert (await knock("GET", file["url"]))[0] == 200, "another message has it"
    await pool.execute("delete from message_attachments")
    status, body, _ = await knock("GET", file["url"])
    assert (status, body["error"]["code"]) == (404, "not_found")
    assert await statuses(knock, anna, file) == {200}
    await attach(file, anna, ben)
    assert (await knock("GET", file["url"]))[0] == 200


async def test_a_browser_asks_each_time_whether_it_may(knock, people):
    file = await upload(knock, people[0])
    _, _, headers = await knock("GET", f"{path(file)}/content", people[0])
    assert headers["Cache-Control"] == "private, no-cache"
    again = {"If-None-Match": headers["ETag"]}
    assert (await knock("GET", f"{path(file)}/content", people[0], again))[0] == 304
    assert (await knock("GET", f"{path(file)}/content", people[1], again))[0] == 404
    _, _, headers = await knock("GET", file["url"])
    assert headers["Cache-Control"] == "private, max-age=1800"


async def test_a_slow_download_ends_when_the_file_does(
    knock, people, attach, pool, parts, monkeypatch
):
    anna, ben, _ = people
    file = await upload(knock, anna, b"x" * FILE_BYTES)
    await attach(file, anna, ben)
    monkeypatch.setattr(downloads, "CHECK_S", 0.0)
    contents = parts.files
    released, reached = asyncio.Event(), asyncio.Event()
    get = contents._blobs.get

    async def slowly(key, first=0, last=None):
        async for chunk in get(key, first, last):
            yield chunk[:1000]
            reached.set()
            await released.wait()
            yield chunk[1000:]

    monkeypatch.setattr(contents._blobs, "get", slowly)
    reading = asyncio.ensure_future(knock("GET", f"{path(file)}/content", ben))
    await reached.wait()
    await pool.execute(
        "update conversation_participants set left_at = now() where user_id = $1", ben
    )
    released.set()
    with pytest.raises(Exception, match=r"(?i)payload|disconnected|reset|closed"):
        await reading


async def test_a_thumbnail_is_handed_out(knock, people, attach):
    anna, ben, carl = people
    data = saved("PNG", picture(600, 300))
    file = await upload(knock, anna, data, "pier.png")
    await attach(file, anna, ben)
    for user, at in ((None, file["thumbnail_url"]), (ben, f"{path(file)}/thumbnail")):
        status, content, headers = await knock("GET", at, user)
        assert (status, headers["Content-Type"]) == (200, "image/webp")
        assert 0 < len(content) < len(data)
        assert "pier.webp" in headers["Content-Disposition"]
        assert headers["ETag"] != (await knock("GET", file["url"]))[2]["ETag"]
    assert (await knock("GET", f"{path(file)}/thumbnail", carl))[0] == 404
    forged = file["thumbnail_url"].replace("signature=", "signature=x")
    assert (await knock("GET", forged))[0] == 403


async def test_what_has_no_thumbnail_is_handed_out_itself(knock, people, pool):
    data = saved("PNG", picture(600, 300))
    file = await upload(knock, people[0], data, "pier.png")
    await pool.execute("update files set thumbnail_bytes = null")
    status, content, headers = await knock("GET", file["thumbnail_url"])
    assert (status, content, headers["Content-Type"]) == (200, data, "image/png")
    text = await upload(knock, people[0])
    assert "thumbnail_url" not in text


async def test_the_quota_is_told(knock, people, tmp_path):
    for _ in range(QUOTA_BYTES // FILE_BYTES):
        await upload(knock, people[0], b"x" * FILE_BYTES)
    left = QUOTA_BYTES % FILE_BYTES
    status, body, _ = await knock("POST", "/v1/files", people[0], data=b"x" * (left + 1))
    assert (status, body["error"]["code"]) == (413, "payload_too_large")
    assert body["error"]["details"]["limit"] == "file_quota_bytes"
    await upload(knock, people[0], b"x" * left)
    assert len(stored(tmp_path)) == QUOTA_BYTES // FILE_BYTES + 1


async def test_a_store_that_is_away_is_told_as_such(knock, people, parts, monkeypatch):
    file = await upload(knock, people[0])

    async def away(*_):
        raise StoreUnavailableError("away")
        yield b""

    async def put(*_):
        raise StoreUnavailableError("away")

    monkeypatch.setattr(parts.files._blobs, "get", away)
    monkeypatch.setattr(parts.files._blobs, "put", put)
    status, body, _ = await knock("GET", file["url"])
    assert (status, body["error"]["code"]) == (503, "unavailable")
    assert (await knock("POST", "/v1/files", people[0], data=b"x"))[0] == 503
