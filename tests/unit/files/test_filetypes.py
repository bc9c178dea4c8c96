"""What a file is, by its first bytes."""

import pytest

from handlers.files.filetypes import ALLOWED, KNOWN, contradicts, may_be_text, sniff

EXAMPLES = {
    "image/png": b"\x89PNG\r\n\x1a\n\0\0",
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "image/gif": b"GIF87a",
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "application/pdf": b"%PDF-1.7\n",
    "video/mp4": b"\0\0\0\x20ftypisom\0\0\2\0",
    "audio/mp4": b"\0\0\0\x20ftypM4A ",
    "video/webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm",
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "audio/ogg": b"OggS\0\2" + b"\0" * 20 + b"\x01\x1eOpusHead",
    "application/zip": b"PK\x03\x04\x14\0",
    "audio/mpeg": b"ID3\x04\0",
}


def test_every_known_type_has_an_example():
    assert EXAMPLES.keys() == KNOWN.keys() == ALLOWED - {"text/plain"}


@pytest.mark.parametrize(("mime", "head"), EXAMPLES.items())
def test_known_types(mime, head):
    assert sniff(head) == mime


@pytest.mark.parametrize(
    "head",
    [
        b"", b"M", b"MZ\x90\0", b"\x7fELF", b"<svg>", b"<html>", b"RIFF\0\0\0\0AVI ",
        b"\0\0\0\x20ftypheic", b"\0\0\0\x20ftypqt  ", b"\x1aE\xdf\xa3\x42\x82\x88matroska",
        b"OggS\0\2" + b"\0" * 22 + b"\x80theora", b"\xff\xfe\x41\0", b"\xff\xff\xff\xff", b"\xff",
    ],
)  # fmt: skip
def test_others(head):
    assert sniff(head) is None


def test_a_bare_frame_of_mp3():
    assert sniff(b"\xff\xfb\x90\x64\0") == "audio/mpeg"


@pytest.mark.parametrize(
    ("chunk", "may_be"),
    [
        ("grüße\n\t你好".encode(), True),
        ("你好".encode("gbk"), True),
        (b"a\x1b[31mred", True),
        (b"a\0b", False),
        ("text".encode("utf-16"), False),
        (b"\x01", False),
    ],
)
def test_text(chunk, may_be):
    assert may_be_text(chunk) is may_be


@pytest.mark.parametrize(
    ("declared", "found", "expected"),
    [
        (None, "image/png", False),
        ("application/octet-stream", "image/png", False),
        ("image/png", "image/png", False),
        ("IMAGE/JPG; q=1", "image/jpeg", False),
        ("image/png", "image/jpeg", True),
        ("application/pdf", "text/plain", True),
        ("text/csv", "text/plain", False),
        ("application/vnd.oasis.opendocument.text", "application/zip", False),
    ],
)
def test_what_the_sender_says(declared, found, expected):
    assert contradicts(declared, found) is expected
