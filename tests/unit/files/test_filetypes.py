"""What a file is, by its first bytes."""

import pytest

from handlers.files.filetypes import (
    ALLOWED,
    KNOWN,
    OPTIONAL,
    TextCheck,
    called,
    contradicts,
    may_be_text,
    sniff,
)
from tests.unit.files.archives import OFFICE, OPEN_DOCUMENT, document, office, open_document


def brands(major, *others):
    """The box that an MP4 begins with."""
    size = (16 + 4 * len(others)).to_bytes(4, "big")
    return size + b"ftyp" + major + b"\0\0\2\0" + b"".join(others)


def webm(*codecs):
    tracks = b"".join(b"\x86" + bytes([0x80 | len(name)]) + name for name in codecs)
    return b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + tracks


EXAMPLES = {
    "image/png": b"\x89PNG\r\n\x1a\n\0\0",
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "image/gif": b"GIF87a",
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "application/pdf": b"%PDF-1.7\n",
    "video/mp4": brands(b"isom"),
    "audio/mp4": brands(b"M4A "),
    "video/quicktime": brands(b"qt  ", b"qt  "),
    "video/3gpp": brands(b"3gp5", b"3gp4"),
    "image/heic": brands(b"heic", b"mif1", b"heic"),
    "image/avif": brands(b"avif", b"mif1", b"miaf"),
    "video/webm": webm(b"V_VP9", b"A_OPUS"),
    "audio/webm": webm(b"A_OPUS"),
    "video/ogg": b"OggS\0\2" + b"\0" * 22 + b"\x80theora",
    "audio/flac": b"fLaC\0\0\0\x22",
    "audio/amr": b"#!AMR\n\x3c",
    "audio/aac": b"\xff\xf1\x50\x80",
    **{mime: open_document(mime)[:4096] for mime in OPEN_DOCUMENT},
    **{mime: office(mime)[:4096] for mime in OFFICE},
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "audio/ogg": b"OggS\0\2" + b"\0" * 20 + b"\x01\x1eOpusHead",
    "application/zip": b"PK\x03\x04\x14\0",
    "audio/mpeg": b"ID3\x04\0",
}


def test_every_known_type_has_an_example():
    assert EXAMPLES.keys() == KNOWN.keys()
    assert KNOWN.keys() | {"text/plain"} == ALLOWED | OPTIONAL
    assert not ALLOWED & OPTIONAL


@pytest.mark.parametrize(("mime", "head"), EXAMPLES.items())
def test_known_types(mime, head):
    assert sniff(head) == mime


@pytest.mark.parametrize(
    "head",
    [
        b"", b"M", b"MZ\x90\0", b"\x7fELF", b"<svg>", b"<html>", b"RIFF\0\0\0\0AVI ",
        b"\x1aE\xdf\xa3\x42\x82\x88matroska", b"\0\0\0\x20ftyp",
        brands(b"crx ", b"isom")[:16], brands(b"mif1", b"miaf"), b"\xff\xfe\x41\0",
        b"\xff\xff\xff\xff", b"\xff",
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
    ("head", "mime"),
    [
        (brands(b"mp42", b"isom", b"mp42"), "video/mp4"),
        (brands(b"MSNV", b"MSNV", b"mp42"), "video/mp4"),
        (brands(b"XAVC", b"XAVC", b"mp42", b"iso2"), "video/mp4"),
        (brands(b"3gp5", b"isom", b"3gp5"), "video/mp4"),
        (brands(b"dby1", b"iso8"), "video/mp4"),
        (brands(b"isom", b"iso5", b"qt  "), "video/mp4"),
        (brands(b"NIKO", b"qt  "), "video/quicktime"),
        (brands(b"mp42", b"M4A ", b"mp42"), "audio/mp4"),
        (brands(b"M4A ", b"mp42", b"isom"), "audio/mp4"),
        (brands(b"M4B ", b"M4A "), "audio/mp4"),
        # Safari's recorder: the tracks stand at the beginning.
        (brands(b"iso5", b"iso5", b"iso6", b"mp41") + b"moov..hdlr....soun", "audio/mp4"),
        (brands(b"iso5", b"iso5", b"mp41") + b"hdlr....vide..hdlr....soun", "video/mp4"),
        (brands(b"mif1", b"mif1", b"heic"), "image/heic"),
        (brands(b"mif1", b"avif", b"heic"), "image/avif"),
        (b"\xff\xff\xff\xffftypisom", "video/mp4"),
        (brands(b"ABCD", *[b"EFGH"] * 200, b"isom"), None),
    ],
)
def test_the_container_of_mp4_by_its_brands(head, mime):
    assert sniff(head) == mime


def test_office_documents_by_their_main_part():
    for mime, part in OFFICE.items():
        assert sniff(document("[Content_Types].xml", "_rels/.rels", part)) == mime
        macros = part.split("/")[0] + "/vbaProject.bin"
        with_macros = document("[Content_Types].xml", part, macros)
        assert sniff(with_macros) == "application/zip"
        assert sniff(document(part)) == "application/zip"
    assert sniff(document("word/document.xml.txt", "[Content_Types].xml")) == "application/zip"


def test_an_open_document_is_what_its_first_entry_says():
    text = "application/vnd.oasis.opendocument.text"
    assert sniff(open_document(text)) == text
    assert sniff(open_document(text + "-template")) == "application/zip"
    assert sniff(open_document("application/epub+zip")) == "application/zip"
    assert sniff(document("content.xml", "mimetype")) == "application/zip"


def is_text(*parts):
    check = TextCheck()
    for part in parts:
        check.look_at(part)
    check.end()
    return check.is_text


def test_utf_16_is_text_when_it_says_so():
    for encoding, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        said = mark + "Grüße\r\n你好 😀".encode(encoding)
        assert is_text(said)
        # Wherever the parts are cut: within a character, and within a surrogate pair.
        for place in range(2, len(said)):
            assert is_text(said[:place], said[place:])
        assert not is_text(said[2:])
        assert not is_text(said[:-1])
        assert not is_text(said, "\0".encode(encoding))
        assert not is_text(mark + "\ud83d".encode(encoding, "surrogatepass"))
    assert is_text(b"plain") and not is_text(b"plain", b"\1")
    assert not is_text("text".encode("utf-32"))


@pytest.mark.parametrize(
    ("declared", "found", "kept"),
    [
        ("audio/mp4", "video/mp4", "audio/mp4"),
        ("audio/x-m4a", "video/mp4", "audio/mp4"),
        ("audio/webm;codecs=opus", "video/webm", "audio/webm"),
        ("video/mp4", "audio/mp4", "audio/mp4"),
        ("audio/mp4", "video/webm", "video/webm"),
        (None, "video/mp4", "video/mp4"),
        ("image/png", "video/mp4", "video/mp4"),
    ],
)
def test_a_recording_that_is_said_to_be_sound_is_sound(declared, found, kept):
    assert called(declared, found) == kept


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
        ("application/zip", next(iter(OFFICE)), False),
        ("application/pdf", next(iter(OFFICE)), True),
        ("audio/aac", "audio/mp4", False),
        ("video/quicktime", "video/mp4", False),
        ("audio/mpeg", "audio/mp4", True),
        ("audio/ogg", "video/webm", True),
    ],
)
def test_what_the_sender_says(declared, found, expected):
    assert contradicts(declared, found) is expected
