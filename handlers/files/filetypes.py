"""What a file is, told from its bytes: of what the sender says, only what they allow is believed.
Pure.

Every type here is one that browsers show without running anything, and all are served as downloads.
"""

import codecs
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from handlers.files.mp4 import MP4_TYPES, mp4_type
from handlers.files.zips import ZIP_TYPES

TEXT = "text/plain"
ZIP = "application/zip"
HEAD_BYTES = 4096
"""How much of a file `sniff` wants to see, if there is that much."""

_Test = Callable[[bytes], bool]


def _begins(*magics: bytes) -> _Test:
    return lambda head: head.startswith(magics)


def _riff(form: bytes) -> _Test:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _mp4(mime: str) -> _Test:
    return lambda head: mp4_type(head) == mime


_WEBM_CODEC = re.compile(rb"\x86[\x81-\xff]([AV]_)")  # CodecID, its length, its first letters


def _is_webm(head: bytes) -> bool:
    return head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64]


def _is_webm_audio(head: bytes) -> bool:
    """The codecs of all tracks are named before the first of them begins."""
    return _is_webm(head) and set(_WEBM_CODEC.findall(head)) == {b"A_"}


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag, or a frame header of layer III with a version and a rate that exist."""
    if head.startswith(b"ID3"):
        return True
    return (
        len(head) > 2
        and head[0] == 0xFF
        and head[1] & 0xE6 == 0xE2
        and head[1] & 0x18 != 0x08
        and head[2] & 0xF0 != 0xF0
    )


def _is_aac(head: bytes) -> bool:
    """A header of ADTS: layer 0, a rate that exists."""
    return len(head) > 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0 and head[2] & 0x3C < 13 << 2


def _is_ogg(*, is_video: bool) -> _Test:
    return lambda head: head.startswith(b"OggS") and (b"theora" in head) is is_video


KNOWN: Mapping[str, _Test] = MappingProxyType(
    {
        "image/png": _begins(b"\x89PNG\r\n\x1a\n"),
        "image/jpeg": _begins(b"\xff\xd8\xff"),
        "image/gif": _begins(b"GIF87a", b"GIF89a"),
        "image/webp": _riff(b"WEBP"),
        "application/pdf": _begins(b"%PDF-"),
        **{mime: _mp4(mime) for mime in MP4_TYPES},
        "audio/webm": _is_webm_audio,
        "video/webm": _is_webm,
        "audio/wav": _riff(b"WAVE"),
        "audio/ogg": _is_ogg(is_video=False),
        "video/ogg": _is_ogg(is_video=True),
        "audio/flac": _begins(b"fLaC"),
        "audio/amr": _begins(b"#!AMR\n", b"#!AMR-WB\n"),
        **ZIP_TYPES,
        ZIP: _begins(b"PK\x03\x04", b"PK\x05\x06"),
        "audio/mpeg": _is_mp3,
        "audio/aac": _is_aac,
    }
)
"""The types that can be told, those with the narrower test first."""
OPTIONAL = frozenset(
    {"audio/amr", "image/avif", "image/heic", "video/3gpp", "video/ogg", "video/quicktime"}
)
"""Types that not every browser shows: an instance takes them if it says so."""
ALLOWED = frozenset({*KNOWN, TEXT}) - OPTIONAL
"""The types that are taken unless an instance says otherwise."""

OTHER_NAMES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/heif": "image/heic",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-flac": "audio/flac",
    "audio/opus": "audio/ogg",
    "audio/aacp": "audio/aac",
    "audio/x-aac": "audio/aac",
    "audio/x-hx-aac-adts": "audio/aac",
    "application/ogg": "audio/ogg",
    "video/x-m4v": "video/mp4",
    "application/x-zip-compressed": ZIP,
}
"""What senders call some of them."""
_KIN = (
    frozenset(
        {"audio/mp4", "video/mp4", "audio/aac", "video/quicktime", "audio/3gpp", "video/3gpp"}
    ),
    frozenset({"audio/webm", "video/webm"}),
    frozenset({"audio/ogg", "video/ogg"}),
    frozenset({ZIP, *ZIP_TYPES}),
)
"""Types that one container holds: of them the sender may name another than is found."""
_HEARD = {"video/mp4": "audio/mp4", "video/webm": "audio/webm"}
"""Containers that say nothing of a picture in their head, and what they are called without one."""
# Text in any encoding of ASCII's kin has no other control characters than these: \t \n \f \r ESC.
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def sniff(head: bytes) -> str | None:
    """The type of a file that begins with `head`, None for what may be text or anything else."""
    return next((mime for mime, test in KNOWN.items() if test(head)), None)


def may_be_text(chunk: bytes) -> bool:
    """False when this part of a file shows that it is no text in ASCII's kin."""
    return _NOT_TEXT.search(chunk) is None


class TextCheck:
    """Looks whether a file is text as its parts pass: ASCII's kin, or UTF-16 that says so first."""

    def __init__(self) -> None:
        self._utf16: codecs.IncrementalDecoder | None = None
        self._is_first = True
        self.is_text = True

    def look_at(self, chunk: bytes) -> None:
        """The next part, which is not empty."""
        if self._is_first and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._utf16 = codecs.getincrementaldecoder("utf-16")()
        self._is_first = False
        if not self.is_text:
            return
        self.is_text = may_be_text(chunk) if self._utf16 is None else self._decodes(chunk)

    def end(self) -> None:
        """Nothing follows: UTF-16 must not end within a character."""
        if self.is_text and self._utf16 is not None:
            self.is_text = self._decodes(b"", final=True)

    def _decodes(self, chunk: bytes, *, final: bool = False) -> bool:
        assert self._utf16 is not None
        try:
            return may_be_text(self._utf16.decode(chunk, final).encode())
        except UnicodeError:
            return False


def contradicts(declared: str | None, found: str) -> bool:
    """True when the sender named one of the types that we can tell, and it is another one."""
    named = _named(declared)
    return named in KNOWN and named != found and not any({named, found} <= kin for kin in _KIN)


def called(declared: str | None, found: str) -> str:
    """The type to keep: a recording that is said to be sound is sound (a voice message of Safari
    has the same head as a film).
    """
    heard = _HEARD.get(found)
    return heard if heard is not None and _named(declared) == heard else found


def _named(declared: str | None) -> str:
    named = (declared or "").partition(";")[0].strip().lower()
    return OTHER_NAMES.get(named, named)
