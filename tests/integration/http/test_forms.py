"""Forms: what is around the file costs next to nothing, however much of it is sent."""

import time

import pytest

FORM = {"Content-Type": "multipart/form-data; boundary=b"}
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
OTHER = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nx\r\n'
END = b"\r\n--b--\r\n"


async def in_pieces(body: bytes):
    """Without a length, so that nothing is refused for it."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"\r\n" * 1_000_000, 400, id="nothing but empty lines"),
        pytest.param(b"\r\n" * 1_000_000 + FILE + b"\r\nabc" + END, 400, id="lines before it"),
        pytest.param(b"x" * 2_000_000, 400, id="a line without an end"),
        pytest.param(b"--b\r\n" + b"A: b\r\n" * 400_000, 400, id="headers"),
        pytest.param(OTHER.replace(b'"x"', b'"_charset_"') * 40_000, 422, id="charsets"),
        pytest.param(OTHER * 40_000, 422, id="other parts"),
        pytest.param(FILE + b"\r\nabc\r\n" + OTHER * 40_000, 422, id="parts after it"),
        pytest.param(FILE + b"\r\nabc\r\n" + FILE * 40_000, 400, id="headers after it"),
        pytest.param(FILE + b"\r\nabc" + END + b"\r\n" * 1_000_000, 201, id="lines after it"),
        pytest.param(FILE + b"\r\nabc" + END + b"x" * 2_000_000, 400, id="a line after it"),
    ],
)
async def test_what_is_around_the_file_is_bounded(knock, people, body, status):
    began = time.thread_time()
    answer = await knock("POST", "/v1/files", people[0], FORM, data=in_pieces(body))
    assert answer[0] == status, answer
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\nno colon\r\n\r\nabc" + END,
        b"--b\r\nA: " + b"x" * 9000 + b"\r\n\r\nabc" + END,
        FILE.replace(b"a.txt", b'a"b') + b"\r\nabc" + END,
        FILE.replace(b"; filename", b"; a b=1; filename") + b"\r\nabc" + END,
        FILE.replace(b"; filename", b'; name="file"; filename') + b"\r\nabc" + END,
        FILE.replace(b"a.txt", b"a\\") + b"\r\nabc" + END,
        FILE + b"Content-Disposition: form-data\r\n\r\nabc" + END,
        FILE.replace(b"; name", b" " * 8000 + b'"; name') + b"\r\nabc" + END,
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nabc" + END,
    ],
)
async def test_what_is_no_form(knock, people, body):
    assert (await knock("POST", "/v1/files", people[0], FORM, data=body))[0] == 400


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        (b'filename="a%22b%22.txt"', 'a"b".txt'),
        (b'filename="100%25 %41.txt"', "100%25 %41.txt"),
        (b"filename*=utf-8''%2522%C3%A9.txt", "%22é.txt"),
        (b"filename=\"x.txt\"; filename*=utf-8''%E6%88%91.txt", "我.txt"),
        ('filename="我的.txt"'.encode(), "我的.txt"),
        (b'filename="a;b; c;.txt"', "a;b; c;.txt"),
        (b'filename="a\\"b.txt"', 'a"b.txt'),
        (b"filename=a.txt;", "a.txt"),
        (b"filename=\"x.txt\"; filename*=utf-8''%FF", "x.txt"),
        (b"filename=\"x.txt\"; filename*=idna''a", "x.txt"),
        (b"", "file"),
    ],
)
async def test_names_as_browsers_write_them(knock, people, parameters, name):
    head = FILE.replace(b'filename="a.txt"', parameters).replace(b"; \r\n", b"\r\n")
    for before in (b"", b"A preamble\r\nof two lines\r\n"):
        body = before + head + b"Content-Transfer-Encoding: binary\r\n\r\nabc" + END
        status, answer, _ = await knock("POST", "/v1/files", people[0], FORM, data=body)
        assert (status, answer["file"]["name"]) == (201, name)


async def test_line_ends_in_names_are_those_of_a_name(knock, people):
    """A name in a form is held to the same rules as one in the address."""
    in_address = await knock("POST", "/v1/files?name=a%0D%0Ab.txt", people[0], data=b"abc")
    body = FILE.replace(b"a.txt", b"a%0D%0Ab.txt") + b"\r\nabc" + END
    in_form = await knock("POST", "/v1/files", people[0], FORM, data=body)
    assert in_form[0] == in_address[0]
    assert in_form[1].get("file", {}).get("name") == in_address[1].get("file", {}).get("name")


@pytest.mark.parametrize("encoding", [b"base64", b"Quoted-Printable", b"x"])
async def test_a_part_that_would_have_to_be_decoded(knock, people, encoding):
    body = FILE + b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\naGVsbG8=" + END
    assert (await knock("POST", "/v1/files", people[0], FORM, data=body))[0] == 415
