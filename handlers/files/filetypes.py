"""What a file is, told from its first bytes: what the sender says of it is not believed. Pure.

Every type here is one that browsers show without running anything, and all are served as downloads.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

TEXT = "text/plain"
HEAD_BYTES = 4096
"""How much of a file `sniff` wants to see, if there is that much."""

_Test = Callable[[bytes], bool]


def _begins(*magics: bytes) -> _Test:
    return lambda head: head.startswith(magics)


def _riff(form: bytes) -> _Test:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _brand(*brands: bytes) -> _Test:
    return lambda head: head[4:8] == b"ftyp" and head[8:12] in brands


def _is_webm(head: bytes) -> bool:
    return head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64]


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


def _is_ogg_audio(head: bytes) -> bool:
    return head.startswith(b"OggS") and b"theora" not in head


KNOWN: Mapping[str, _Test] = MappingProxyType(
    {
        "image/png": _begins(b"\x89PNG\r\n\x1a\n"),
        "image/jpeg": _begins(b"\xff\xd8\xff"),
        "image/gif": _begins(b"GIF87a", b"GIF89a"),
        "image/webp": _riff(b"WEBP"),
        "application/pdf": _begins(b"%PDF-"),
        "video/mp4": _brand(
            b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"
        ),
        "audio/mp4": _brand(b"M4A ", b"M4B "),
        "video/webm": _is_webm,
        "audio/wav": _riff(b"WAVE"),
        "audio/ogg": _is_ogg_audio,
        "application/zip": _begins(b"PK\x03\x04", b"PK\x05\x06"),
        "audio/mpeg": _is_mp3,
    }
)
ALLOWED = frozenset({*KNOWN, TEXT})
"""The types that are taken unless an instance says otherwise."""

_OTHER_NAMES = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "audio/webm": "video/webm",
    "application/x-zip-compressed": "application/zip",
}
# Text in any encoding of ASCII's kin has no other control characters than these: \t \n \f \r ESC.
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def sniff(head: bytes) -> str | None:
    """The type of a file that begins with `head`, None for what may be text or anything else."""
    return next((mime for mime, test in KNOWN.items() if test(head)), None)


def may_be_text(chunk: bytes) -> bool:
    """False when this part of a file shows that it is no text."""
    return _NOT_TEXT.search(chunk) is None


def contradicts(declared: str | None, found: str) -> bool:
    """True when the sender named one of the types that we can tell, and it is another one."""
    named = (declared or "").partition(";")[0].strip().lower()
    named = _OTHER_NAMES.get(named, named)
    return named in KNOWN and named != found
