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
        b'--b\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n' + b"x" * 40 + END,
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nabc" + END,
    ],
)
async def test_what_is_no_form(knock, people, body):
    assert (await knock("POST", "/v1/files", people[0], FORM, data=body))[0] == 400


@pytest.mark.parametrize("encoding", [b"base64", b"Quoted-Printable", b"x"])
async def test_a_part_that_would_have_to_be_decoded(knock, people, encoding):
    body = FILE + b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\naGVsbG8=" + END
    assert (await knock("POST", "/v1/files", people[0], FORM, data=body))[0] == 415
