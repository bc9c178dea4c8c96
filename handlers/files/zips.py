"""Documents that are zip archives, told from others. Pure.

OpenDocument (part 2, 3.3): the first entry is named `mimetype`, is not compressed, and holds the
type. Office Open XML (ECMA-376 part 2): `[Content_Types].xml`, and a main part whose name tells.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

TAIL_BYTES = 131_072
"""How much of the end `zip_type` wants to see: the directory of an archive of a thousand files."""

_OPEN = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MAIN_PARTS = {
    "word/document.xml": _OFFICE + "wordprocessingml.document",
    "xl/workbook.xml": _OFFICE + "spreadsheetml.sheet",
    "ppt/presentation.xml": _OFFICE + "presentationml.presentation",
}
_MACROS = ("word/vbaProject.bin", "xl/vbaProject.bin", "ppt/vbaProject.bin")
_CONTENT_TYPES = "[Content_Types].xml"
_ENTRY = b"PK\x03\x04"
_NAME_AT = 30
_MIMETYPE = b"mimetype"


def _open_document(mime: str) -> Callable[[bytes], bool]:
    said = _MIMETYPE + mime.encode()
    # Behind the type comes the next entry: `text` is not `text-template`.
    return lambda head: (
        head.startswith(_ENTRY)
        and head[8:10] == b"\0\0"
        and head[_NAME_AT:].startswith(said)
        and head[_NAME_AT + len(said) :][:2] in {b"PK", b""}
    )


def _office(part: str) -> Callable[[bytes], bool]:
    def test(head: bytes) -> bool:
        return head.startswith(_ENTRY) and _MAIN_PARTS.get(part) == _of_names(_names_of_head(head))

    return test


ZIP_TYPES: Mapping[str, Callable[[bytes], bool]] = MappingProxyType(
    {
        **{
            _OPEN + kind: _open_document(_OPEN + kind)
            for kind in ("text", "spreadsheet", "presentation", "graphics")
        },
        **{mime: _office(part) for part, mime in _MAIN_PARTS.items()},
    }
)
"""Each type and its test of a file's head, as far as that tells."""


def is_office(mime: str) -> bool:
    """True for the types that only the end of an archive tells for certain."""
    return mime.startswith(_OFFICE)


def zip_type(tail: bytes) -> str | None:
    """The type of an archive that ends with `tail`; None when that tells nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(tail)) as archive:
            return _of_names(archive.namelist()) or "application/zip"
    except Exception:  # noqa: BLE001 - a stranger's bytes in another's parser: whatever it raises
        return None


def _of_names(names: Iterable[str]) -> str | None:
    """A document with macros has a type of its own, which is not taken: it stays an archive."""
    found = set(names)
    if _CONTENT_TYPES not in found or not found.isdisjoint(_MACROS):
        return None
    return next((mime for part, mime in _MAIN_PARTS.items() if part in found), None)


def _names_of_head(head: bytes) -> Iterable[str]:
    """The names of entries that begin within the head."""
    place = head.find(_ENTRY)
    while place >= 0:
        length = int.from_bytes(head[place + 26 : place + 28], "little")
        name = head[place + _NAME_AT : place + _NAME_AT + length]
        if len(name) == length:
            yield name.decode("utf-8", "replace")
        place = head.find(_ENTRY, place + 4)
