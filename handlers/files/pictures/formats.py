"""Images without the place where they were taken, and otherwise the same: nothing is compressed
anew. Pure.

Each format is read as far as its metadata go: the segments of JPEG (T.81, B.1), the chunks of PNG
and WebP. What follows the end of a JPEG is dropped: telephones keep films and further pictures
there, each with a place of its own.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from handlers.files.pictures.places import (
    EXIF_HEADER,
    blanked,
    exif_without_place,
    names_a_place,
)

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_MORE_PICTURES = b"MPF\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
# Datasets of IPTC that tell a place, and the resources that hold Exif and XMP once more.
_PHOTOSHOP_PLACE = re.compile(rb"\x1c\x02[\x1a\x1b\x5a\x5c\x5f\x64\x65]|8BIM\x04[\x22-\x24]")
_SEGMENT_MOST = 65_533
_EXIF, _MPF, _ADOBE, _SCAN, _END, _COMMENT = 0xE1, 0xE2, 0xED, 0xDA, 0xD9, 0xFE
_APPLICATIONS = range(0xE0, 0xF0)
_ALONE = {0x01, *range(0xD0, 0xD8)}
# Within a scan, 0xFF is followed by 0 or by the number of a restart.
_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_PNG_XMP = b"XML:com.adobe.xmp"
_PNG_PROFILE = b"raw profile type "
_ANOTHER_FILE = re.compile(rb"\xff\xd8\xff|Exif\x00\x00|ftyp|<x:xmpmeta")
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


def jpeg(data: bytes) -> bytes | None:
    """A JPEG without places; None if it tells none."""
    kept = [data[:2]]
    place, is_changed = 2, False
    while place < len(data):
        found = _NEXT_MARKER.search(data, place)
        if found is None or found.end() + 2 > len(data):
            kept.append(data[place:])
            break
        start, marker = found.end() - 2, data[found.end() - 1]
        kept.append(data[place:start])  # the rest of a scan, or fill bytes
        place = found.end()
        if marker in _ALONE:
            kept.append(data[start:place])
            continue
        place += int.from_bytes(data[place : place + 2], "big")
        segment = data[start:place]
        instead = _segment(marker, segment)
        is_changed = is_changed or instead is not segment
        kept.append(instead)
        if marker == _SCAN:
            end = _end_of_scans(data, place)
            kept.append(data[place:end])
            is_changed = is_changed or end < len(data)
            break
    return b"".join(kept) if is_changed else None


def _end_of_scans(data: bytes, place: int) -> int:
    """Where the picture ends: behind its last scan and the marker of the end."""
    while found := _NEXT_MARKER.search(data, place):
        place = found.end()
        if data[place - 1] == _END:
            return place
        if data[place - 1] not in _ALONE:
            place += int.from_bytes(data[place : place + 2], "big")
    return len(data)


def _segment(marker: int, segment: bytes) -> bytes:
    """What stays of a segment: the same object when that is all of it."""
    if marker not in _APPLICATIONS and marker != _COMMENT:
        return segment
    content = segment[4:]
    if marker == _EXIF and content.startswith(EXIF_HEADER):
        exif = exif_without_place(content)
        if exif is None:
            return segment
        fits = 0 < len(exif) <= _SEGMENT_MOST
        return segment[:2] + (len(exif) + 2).to_bytes(2, "big") + exif if fits else b""
    if marker == _ADOBE and content.startswith(_PHOTOSHOP):
        return b"" if _PHOTOSHOP_PLACE.search(content) else segment
    if marker == _MPF and content.startswith(_MORE_PICTURES):
        return b""  # the pictures that it tells of are dropped
    # A packet that is told in parts can name a place across two of them.
    is_dropped = content.startswith(_MORE_XMP) or (
        marker != _MPF and names_a_place(content.removeprefix(_XMP))
    )
    return b"" if is_dropped else segment


def png(data: bytes) -> bytes | None:
    """A PNG without places; None if it tells none."""
    kept = [data[: len(_PNG)]]
    place, is_changed = len(_PNG), False
    while place + 12 <= len(data):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        chunk = data[place : place + size + 12]
        place += size + 12
        instead = _png_chunk(kind, chunk)
        is_changed = is_changed or instead is not chunk
        kept.append(instead)
        if kind == b"IEND":
            break
    rest = data[place:]
    if _ANOTHER_FILE.search(rest):
        rest, is_changed = b"", True
    return b"".join([*kept, rest]) if is_changed else None


def _png_chunk(kind: bytes, chunk: bytes) -> bytes:
    content = chunk[8:-4]
    if kind == b"eXIf":
        exif = exif_without_place(content)
        return chunk if exif is None else _made_chunk(kind, exif) if exif else b""
    if kind in _PNG_TEXTS:
        keyword, _, text = content.partition(b"\0")
        is_compressed = kind == b"zTXt" or text[:1] == b"\1"
        is_dropped = (
            keyword.lower().startswith(_PNG_PROFILE)
            or names_a_place(keyword if is_compressed else content)
            or (keyword == _PNG_XMP and is_compressed)
        )
        return b"" if is_dropped else chunk
    return chunk


def _made_chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + kind + content + crc


def webp(data: bytes) -> bytes | None:
    """A WebP without places; None if it tells none."""
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    kept: list[bytes] = []
    place, is_changed, gone = 12, end < len(data), 0
    while place + 8 <= end:
        kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        chunk = data[place : min(place + 8 + size + size % 2, end)]
        place += 8 + size + size % 2
        instead = _webp_chunk(kind, size, chunk)
        if instead is not chunk:
            is_changed = True
            if not instead:
                gone |= _HAS_EXIF if kind == b"EXIF" else _HAS_XMP
        kept.append(instead)
    if not is_changed:
        return None
    if kept and kept[0].startswith(b"VP8X"):
        flags = kept[0][8] & ~gone
        kept[0] = kept[0][:8] + bytes([flags]) + kept[0][9:]
    body = b"".join([b"WEBP", *kept, data[place:end]])
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _webp_chunk(kind: bytes, size: int, chunk: bytes) -> bytes:
    content = chunk[8 : 8 + size]
    if kind == b"EXIF":
        exif = exif_without_place(content)
        if exif is None:
            return chunk
        return (
            kind + len(exif).to_bytes(4, "little") + exif + b"\0" * (len(exif) % 2) if exif else b""
        )
    return b"" if kind == b"XMP " and names_a_place(content) else chunk


WITHOUT_PLACE: Mapping[str, Callable[[bytes], bytes | None]] = MappingProxyType(
    {
        "image/jpeg": jpeg,
        "image/png": png,
        "image/webp": webp,
        "image/heic": blanked,
        "image/avif": blanked,
    }
)
"""By type, what makes of an image one that tells no place: None when it is that already."""
