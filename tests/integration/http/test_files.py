"""Files: taken in, looked at, handed out, and to whom."""

import asyncio
import hashlib
import zlib
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID, uuid4

import aiohttp
import pytest

from handlers.files.filetypes import sniff
from tests.integration.http.conftest import FILE_BYTES
from tests.seeding import Seeder


def png(width: int = 640, height: int = 480) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x06\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


def gif(width: int = 3, height: int = 2) -> bytes:
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return b"GIF89a" + size + b"\x80\0\0\0\0\0\xff\xff\xff;"


EXECUTABLE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"


async def upload(knock, user, data=b"hello", name="notes.txt", mime=None):
    headers = {} if mime is None else {"Content-Type": mime}
    status, body, _ = await knock("POST", f"/v1/files?name={quote(name)}", user, headers, data=data)
    assert status == 201, body
    return body["file"]


def stored(tmp_path):
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


async def test_there_and_back(knock, people, pool, tmp_path):
    anna, *_ = people
    data = png() + b"\0" * 100_000
    status, body, headers = await knock(
        "POST", "/v1/files?name=pier.png", anna, {"Content-Type": "image/png"}, data=data
    )
    file = body["file"]
    assert status == 201
    assert headers["Location"] == f"/v1/files/{file['file_id']}"
    assert {name: file[name] for name in ("name", "mime", "bytes", "width", "height")} == {
        "name": "pier.png", "mime": "image/png", "bytes": len(data), "width": 640, "height": 480,
    }  # fmt: skip
    assert (await knock("GET", headers["Location"], anna))[1] == body
    row = await pool.fetchrow("select owner_id, checksum from files")
    assert tuple(row) == (anna, hashlib.sha256(data).digest())

    status, content, headers = await knock("GET", file["url"])
    assert (status, content) == (200, data)
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"pier.png\"; filename*=UTF-8''pier.png"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    path = f"/v1/files/{file['file_id']}/content"
    assert (await knock("GET", path, anna))[1] == data
    assert [path.name for path in stored(tmp_path)] == [file["file_id"]]


async def test_as_a_form(knock, people):
    form = aiohttp.FormData(quote_fields=False)  # as browsers do
    form.add_field("file", gif(), filename="我的.gif", content_type="image/gif")
    status, body, _ = await knock("POST", "/v1/files", people[0], data=form)
    assert status == 201
    assert (body["file"]["name"], body["file"]["mime"]) == ("我的.gif", "image/gif")
    assert (body["file"]["width"], body["file"]["height"]) == (3, 2)
    _, _, headers = await knock("GET", body["file"]["url"])
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"__.gif\"; filename*=UTF-8''%E6%88%91%E7%9A%84.gif"
    )


async def test_a_form_with_anything_else_is_refused(knock, people, pool, tmp_path):
    before, after, nothing = (aiohttp.FormData(quote_fields=False) for _ in range(3))
    before.add_field("note", "x", filename="x.txt")
    before.add_field("file", gif(), filename="a.gif")
    after.add_field("file", gif(), filename="a.gif")
    after.add_field("note", "x")
    nothing.add_field("other", "x", filename="x.txt")
    for form, path in ((before, "note"), (after, "note"), (nothing, "other")):
        status, body, _ = await knock("POST", "/v1/files", people[0], data=form)
        assert (status, body["errors"][0]["path"]) == (422, path)
    for body in (b"", b"--x\r\nbroken", b"--x--\r\n", b"--x\r\n\r\nhello"):
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        status, answer, _ = await knock("POST", "/v1/files", people[0], headers, data=body)
        assert status in {400, 422}, answer
    headers = {"Content-Type": "multipart/form-data"}
    assert (await knock("POST", "/v1/files", people[0], headers, data=b"x"))[0] == 400
    assert await pool.fetchval("select count(*) from files") == 0
    assert not stored(tmp_path)


@pytest.mark.parametrize("as_form", [False, True])
@pytest.mark.parametrize("announced", [False, True])
@pytest.mark.parametrize(("size", "status"), [(FILE_BYTES, 201), (FILE_BYTES + 1, 413)])
async def test_the_limit_at_its_edge(knock, people, tmp_path, as_form, announced, size, status):
    data = b"x" * size

    async def chunks():
        for start in range(0, size, 50_000):
            yield data[start : start + 50_000]

    body = data if announced else chunks()
    if as_form:
        body = aiohttp.FormData()
        body.add_field("file", data if announced else chunks(), filename="a.txt")
    answer = await knock("POST", "/v1/files", people[0], data=body)
    assert answer[0] == status
    assert len(stored(tmp_path)) == (status == 201)
    if status == 413:
        assert answer[1]["error"]["code"] == "payload_too_large"
        assert answer[1]["error"]["details"]["limit_bytes"] == FILE_BYTES


async def test_what_is_announced_too_large_is_not_awaited(knock, people):
    async def never():
        yield b"x"
        await asyncio.sleep(30)

    async with asyncio.timeout(5):
        status, _, _ = await knock(
            "POST",
            "/v1/files",
            people[0],
            {"Content-Length": str(FILE_BYTES + 1), "Expect": "100-continue"},
            data=never(),
        )
    assert status == 413


@pytest.mark.parametrize(
    ("data", "mime", "reason"),
    [
        (b"", None, "is empty"),
        (EXECUTABLE, "image/png", "is of no type that is known here; taken are app"),
        (EXECUTABLE, None, ", image/png, "),
        (b"\x7fELF" + b"\0" * 20, "text/plain", "is of no type that is known here"),
        (b"x" * 100_000 + b"\0", "text/plain", "is of no type that is known here"),
        (gif(), "image/png", "not what it is said to be"),
        (b"%PDF-1.7", "image/jpeg; x=y", "not what it is said to be"),
        (b"<svg/>", "image/png", "not what it is said to be"),
    ],
)
async def test_what_is_not_taken(knock, people, pool, tmp_path, data, mime, reason):
    headers = {} if mime is None else {"Content-Type": mime}
    status, body, _ = await knock("POST", "/v1/files", people[0], headers, data=data)
    assert (status, body["errors"][0]["path"]) == (422, "file")
    assert reason in body["detail"]
    assert await pool.fetchval("select count(*) from files") == 0
    assert not stored(tmp_path)


async def test_pages_are_text_when_handed_out(knock, people):
    file = await upload(knock, people[0], b"<script>alert(1)</script>", "a.html", "text/html")
    assert file["mime"] == "text/plain"
    _, _, headers = await knock("GET", file["url"])
    assert headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        ("", "file"),
        ("a\0b\r\nX-Bad: 1", "abX-Bad: 1"),
        ('say "hi".txt', 'say "hi".txt'),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
        (".htaccess", "htaccess"),
        ("报价 2026.pdf", "报价 2026.pdf"),
    ],
)
async def test_names_are_names_only(knock, people, name, kept):
    file = await upload(knock, people[0], name=name)
    assert file["name"] == kept
    status, _, headers = await knock("GET", file["url"])
    assert status == 200
    assert headers["Content-Disposition"].endswith(f"''{quote(kept, safe='')}")
    assert "X-Bad" not in headers


async def test_only_those_who_share_it(knock, people, pool):
    anna, ben, carl = people
    file = await upload(knock, anna)
    file_id = UUID(file["file_id"])
    path, absent = f"/v1/files/{file_id}", f"/v1/files/{uuid4()}"

    async def bodies(user, path):
        answers = [await knock("GET", path, user), await knock("GET", f"{path}/content", user)]
        for _, body, _ in answers:
            if isinstance(body, dict) and "error" in body:
                del body["error"]["timestamp"], body["request_id"], body["instance"]
        return [answer[:2] for answer in answers]

    nothing = await bodies(carl, absent)
    assert [status for status, _ in nothing] == [404, 404]
    assert await bodies(ben, path) == nothing
    async with pool.acquire() as connection:
        seeder = Seeder(connection)
        room = await seeder.conversation(anna, ben)
        seq = await seeder.message(room, at=datetime.now(UTC))
    await pool.execute(
        "insert into message_attachments values ($1, $2, 0, $3)", room.id, seq, file_id
    )
    assert [status for status, _ in await bodies(ben, path)] == [200, 200]
    assert await bodies(carl, path) == nothing
    await pool.execute(
        "update conversation_participants set left_at = now() where user_id = $1", ben
    )
    assert await bodies(ben, path) == nothing
    await pool.execute("update files set state = 'deleted'")
    assert await bodies(anna, path) == nothing
    assert (await knock("GET", file["url"]))[0] == 404
    assert (await knock("GET", path))[0] == 401
    assert (await knock("GET", f"{path}/content"))[0] == 401
    assert (await knock("GET", "/v1/files/..%2F..%2Fsecret_key", anna))[0] == 404


async def test_an_address_ends(knock, people, clock):
    file = await upload(knock, people[0])
    ends = datetime.fromisoformat(file["url_expires_at"]).timestamp()
    assert 1800 <= ends - clock.now <= 3600
    clock.now = ends - 1
    assert (await knock("GET", file["url"]))[0] == 200
    clock.now = ends
    status, body, _ = await knock("GET", file["url"])
    assert (status, body["error"]["code"]) == (403, "forbidden")


async def test_addresses_are_not_forged(knock, people):
    file = await upload(knock, people[0])
    other = await upload(knock, people[0])
    path, _, query = file["url"].partition("?")
    expires, signature = (part.partition("=")[2] for part in query.split("&"))
    forged = [
        f"{path}?expires={int(expires) + 1800}&signature={signature}",
        f"{path}?expires=0{expires}0&signature={signature}",
        f"{path}?expires={expires}&signature={signature[:-2]}AA",
        f"{path}?expires={expires}&signature=",
        f"{path}?expires={expires}&signature=%FF%00",
        f"{path}?expires=&signature={signature}",
        f"{path}?expires=x&signature={signature}",
        f"{path}?signature={signature}",
        f"/v1/files/{other['file_id']}/content?{query}",
        f"/v1/files/{uuid4()}/content?{query}",
    ]
    for url in forged:
        status, body, _ = await knock("GET", url)
        assert (status, body["error"]["code"]) == (403, "forbidden"), url


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=0-4", 206, b"01234", "bytes 0-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
    ],
)
async def test_ranges(knock, people, asked, status, content, told):
    file = await upload(knock, people[0], b"0123456789")
    answer = await knock("GET", file["url"], headers={"Range": asked})
    assert (answer[0], answer[2]["Content-Range"]) == (status, told)
    assert content is None or answer[1] == content


async def test_an_unchanged_file_is_not_sent_again(knock, people):
    file = await upload(knock, people[0])
    _, _, headers = await knock("GET", file["url"])
    again = await knock("GET", file["url"], headers={"If-None-Match": headers["ETag"]})
    assert (again[0], again[1]) == (304, b"")
    assert (await knock("HEAD", file["url"]))[2]["Content-Length"] == "5"


async def test_a_blob_that_is_gone_is_not_found(knock, people, blobs):
    file = await upload(knock, people[0])
    await blobs.delete(file["file_id"])
    assert (await knock("GET", file["url"]))[0] == 404


async def test_nothing_is_kept_of_an_upload_that_broke_off(parts, knock, people, tmp_path):
    async def breaking():
        yield b"x" * 1000
        raise ConnectionResetError

    with pytest.raises(aiohttp.ClientError):
        await knock("POST", "/v1/files", people[0], data=breaking())
    async with asyncio.timeout(5):
        while stored(tmp_path):
            await asyncio.sleep(0.01)
    assert sniff(b"x") is None
