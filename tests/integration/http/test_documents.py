"""What is the same for everybody: made once, compressed for who takes that, known by its tag."""

import gzip

import pytest

from server.http.documents import socket_page
from tests.integration.doors.raw import raw

PATHS = ["/docs/socket", "/docs/swagger-ui-bundle.js", "/v1/openapi.json", "/v1/asyncapi.json"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_document_that_is_known(app, path):
    first = await app.http("GET", path)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    again = await app.http("GET", path, headers={"If-None-Match": tag})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert (await app.http("GET", path, headers={"If-None-Match": '"other"'})).status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("accepted", "is_compressed"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0, *", False),
        ("gzip; q=0.0", False),
        ("br", False),
        ("", False),
    ],
)
async def test_a_compressed_document(app, path, accepted, is_compressed):
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    async with raw(app.app.http_port) as (one,):
        _, plain = await one.ask(f"{head}\r\n".encode())
        _, said = await one.ask(f"{head}Accept-Encoding: {accepted}\r\n\r\n".encode())
    assert (gzip.decompress(said) if is_compressed else said) == plain
    assert (len(said) < len(plain) / 3) is is_compressed


async def test_an_answer_says_what_it_depends_on(app):
    headers = (await app.http("GET", "/docs", headers={"Accept-Encoding": "gzip"})).headers
    assert headers["Content-Encoding"] == "gzip"
    assert {"Accept-Encoding", "Origin"} <= set(headers.getall("Vary"))


async def test_a_path_that_is_not_there_leads_to_those_that_are(app):
    for path in ("/", "/v1", "/nowhere"):
        answer = await app.http("GET", path)
        assert (answer.status, "/docs" in answer.body["detail"]) == (404, True)


async def test_a_document_is_made_once(serve, monkeypatch):
    made = []
    page, compress = socket_page._page, gzip.compress

    def counted(document):
        made.append("page")
        return page(document)

    def compressed(*given, **options):
        made.append("gzip")
        return compress(*given, **options)

    monkeypatch.setattr(socket_page, "_page", counted)
    monkeypatch.setattr(gzip, "compress", compressed)
    async with serve() as app:
        for _ in range(3):
            assert (await app.http("GET", "/docs/socket")).status == 200
    assert made == ["page", "gzip"]
