"""Where a picture was taken, taken out of its Exif and XMP. Pure.

Exif (CIPA DC-008) keeps it in a directory of its own, to which the tag GPSInfo points; XMP and IPTC
name it in words. Only what tells a place goes: the turn of the picture, its camera and its author
stay.
"""

import re
from collections.abc import Iterator

from PIL import ExifTags, Image

EXIF_HEADER = b"Exif\0\0"
_EXIF_MOST = 1_048_576
_GPS_TAG = re.compile(b"\x88\x25|\x25\x88")
_PLACE = re.compile(
    rb"gps|geotag|latitude|longitude|location|countrycode|countryname|provincestate"
    rb"|photoshop:(city|state|country)",
    re.IGNORECASE,
)
_TIFF = re.compile(rb"MM\x00\*\x00\x00\x00\x08|II\*\x00\x08\x00\x00\x00")
_PACKET = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>", re.DOTALL)
_ENTRY_BYTES = 12
_ENTRIES_MOST = 512
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
"""The bytes of a value, by its type (TIFF 6.0, section 2)."""


def names_a_place(text: bytes) -> bool:
    """Whether metadata in words, of any Unicode encoding, may tell a place."""
    return _PLACE.search(text.replace(b"\0", b"")) is not None


def exif_without_place(exif: bytes) -> bytes | None:
    """Exif, with its header or without, that tells no place; None if it tells none as it is.

    Empty if nothing of it can be kept.
    """
    if not _GPS_TAG.search(exif):
        return None
    header = EXIF_HEADER if exif.startswith(EXIF_HEADER) else b""
    try:
        kept = _rebuilt(EXIF_HEADER + exif.removeprefix(EXIF_HEADER))
    except Exception:  # noqa: BLE001 - a stranger's bytes in another's parser: whatever it raises
        return b""
    return header + kept.removeprefix(EXIF_HEADER) if kept else b""


def _rebuilt(exif: bytes) -> bytes:
    if len(exif) > _EXIF_MOST:
        return b""
    tags = Image.Exif()
    tags.load(exif)
    tags.pop(ExifTags.Base.GPSInfo, None)
    if ExifTags.IFD.Exif in tags:
        details = tags.get_ifd(ExifTags.IFD.Exif)
        details.pop(ExifTags.Base.GPSInfo, None)
        # What the camera's maker notes is nobody's to read: a place may be in it.
        details.pop(ExifTags.Base.MakerNote, None)
    kept = tags.tobytes()
    again = Image.Exif()
    again.load(kept)
    return b"" if ExifTags.Base.GPSInfo in again else kept


def blanked(data: bytes) -> bytes | None:
    """A file of boxes (HEIC, AVIF) with the places in it overwritten, all else where it was; None
    if there are none.
    """
    changed = bytearray(data)
    for start, end in [*_gps_bytes(data), *_packets(data)]:
        changed[start:end] = (
            bytes(end - start) if data[start : start + 1] != b"<" else b" " * (end - start)
        )
    return bytes(changed) if changed != data else None


def _packets(data: bytes) -> Iterator[tuple[int, int]]:
    for packet in _PACKET.finditer(data):
        if names_a_place(packet[0]):
            yield packet.span()


def _gps_bytes(data: bytes) -> Iterator[tuple[int, int]]:
    """Where directories of places are, their values and the entries that point to them."""
    for found in _TIFF.finditer(data):
        start, order = found.start(), "big" if found[0][:1] == b"M" else "little"
        tiff = _Tiff(data, start, is_big=order == "big")
        for place, tag, _kind, _count in tiff.entries(8):
            if tag == ExifTags.Base.GPSInfo:
                directory = tiff.number(place + 8, 4)
                yield from tiff.ranges(directory)
                # The tag is 0 then, which no reader knows.
                yield start + place, start + place + _ENTRY_BYTES


class _Tiff:
    """Numbers and entries at offsets from the beginning of the Exif within a file."""

    def __init__(self, data: bytes, start: int, *, is_big: bool) -> None:
        self._data = data
        self._start = start
        self._is_big = is_big

    def number(self, place: int, size: int) -> int:
        at = self._start + place
        return int.from_bytes(self._data[at : at + size], "big" if self._is_big else "little")

    def entries(self, directory: int) -> Iterator[tuple[int, int, int, int]]:
        """The entries of a directory: where each is, its tag, type and count."""
        for entry in range(min(self.number(directory, 2), _ENTRIES_MOST)):
            place = directory + 2 + _ENTRY_BYTES * entry
            if self._start + place + _ENTRY_BYTES > len(self._data):
                return
            yield place, self.number(place, 2), self.number(place + 2, 2), self.number(place + 4, 4)

    def ranges(self, directory: int) -> Iterator[tuple[int, int]]:
        """Where the bytes of a directory and of its values are."""
        start = self._start
        for place, _tag, kind, count in self.entries(directory):
            size = _SIZES.get(kind, 1) * count
            if size > 4:
                value = start + self.number(place + 8, 4)
                yield value, max(value, min(value + size, len(self._data)))
            yield start + place, start + place + _ENTRY_BYTES
