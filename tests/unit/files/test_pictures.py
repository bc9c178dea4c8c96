"""Images without their place are otherwise what they were."""

import io
import struct

import pytest
from PIL import ExifTags, Image

from handlers.files.pictures.formats import WITHOUT_PLACE, jpeg, png, webp
from handlers.files.pictures.places import blanked, exif_without_place
from tests.unit.files.images import (
    EXIF_IFD,
    GPS_IFD,
    XMP_NONE,
    XMP_PLACE,
    exif,
    picture,
    pixels_of,
    png_texts,
    saved,
    tags_of,
)

FORMATS = {"JPEG": jpeg, "PNG": png, "WEBP": webp}
every_format = pytest.mark.parametrize("kind", FORMATS)
PLACES = (b"Marienplatz", b"48.137", b"GPSLatitude", b"MM\0*\0\0\0\x08Marien")


def tells_no_place(data):
    return not any(place in data for place in PLACES) and not tags_of(data).get_ifd(GPS_IFD)


@every_format
def test_exif_loses_its_place_and_keeps_the_rest(kind):
    before = saved(kind, exif=exif())
    assert tags_of(before).get_ifd(GPS_IFD)
    after = FORMATS[kind](before)
    assert after is not None and tells_no_place(after)
    tags = tags_of(after)
    assert tags[ExifTags.Base.Make] == "Camera of Anna"
    assert tags[ExifTags.Base.Copyright] == "Anna"
    assert tags[ExifTags.Base.Orientation] == 6
    details = tags.get_ifd(EXIF_IFD)
    assert details[ExifTags.Base.DateTimeOriginal] == "2026:11:20 22:03:00"
    assert ExifTags.Base.MakerNote not in details
    assert pixels_of(after) == pixels_of(before)
    assert FORMATS[kind](after) is None


@every_format
def test_what_tells_no_place_stays_byte_for_byte(kind):
    for data in (saved(kind), saved(kind, exif=exif(has_place=False)), saved(kind, xmp=XMP_NONE)):
        assert FORMATS[kind](data) is None


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_xmp_with_a_place_goes(kind):
    before = saved(kind, xmp=XMP_PLACE, exif=exif(has_place=False))
    after = FORMATS[kind](before)
    assert after is not None and tells_no_place(after)
    with Image.open(io.BytesIO(after)) as image:
        assert "xmp" not in image.info
    assert tags_of(after)[ExifTags.Base.Orientation] == 6
    assert pixels_of(after) == pixels_of(before)
    assert FORMATS[kind](after) is None


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize("keyword", ["XML:com.adobe.xmp", "Raw profile type exif", "GPS"])
def test_texts_of_a_png_that_tell_a_place_go(keyword, is_compressed):
    texts = {keyword: XMP_PLACE.decode(), "Author": "Anna"}
    before = saved("PNG", pnginfo=png_texts(texts, is_compressed=is_compressed))
    after = png(before)
    assert after is not None and tells_no_place(after)
    with Image.open(io.BytesIO(after)) as image:
        assert keyword not in image.info
        assert image.info["Author"] == "Anna"
    assert pixels_of(after) == pixels_of(before)


def segment(marker, content):
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


@pytest.mark.parametrize(
    ("marker", "content", "goes"),
    [
        (0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + b"anything", True),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP_PLACE.decode().encode("utf-16"), True),
        (0xE2, b"MPF\0II*\0", True),
        (0xE2, b"ICC_PROFILE\0\1\1 GPS", False),
        (0xED, b"Photoshop 3.0\0008BIM\4\4\0\0\0\0\0\x0a\x1c\2\x5a\0\5Paris", True),
        (0xED, b"Photoshop 3.0\0008BIM\4\4\0\0\0\0\0\x0a\x1c\2\x50\0\4Anna", False),
        (0xEB, b"JP\0\1 stds.exif exif:GPSLatitude", True),
        (0xFE, b"taken at latitude 48.1", True),
        (0xFE, b"made by Anna", False),
    ],
)
def test_segments_of_a_jpeg(marker, content, goes):
    plain = saved("JPEG")
    before = plain[:20] + segment(marker, content) + plain[20:]
    after = jpeg(before)
    if goes:
        assert after == plain
    else:
        assert after is None


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_nothing_follows_the_end_of_a_jpeg(options):
    plain = saved("JPEG", picture(200, 120), **options)
    assert jpeg(plain) is None
    assert jpeg(plain + saved("JPEG", exif=exif())) == plain
    assert jpeg(plain + b"\0\0\0\x20ftypmp42 a film") == plain


def test_nothing_that_could_tell_a_place_follows_the_end_of_a_png():
    plain = saved("PNG")
    assert png(plain + saved("JPEG", exif=exif())) == plain
    assert png(plain + b"\0" * 1000) is None


def test_a_small_directory_of_either_order():
    for order, mark in ((">", b"MM\0*"), ("<", b"II*\0")):
        entries = struct.pack(f"{order}HHII", 0x0112, 3, 1, 6 << 16 if order == ">" else 6)
        entries += struct.pack(f"{order}HHII", 0x8825, 4, 1, 38)
        place = struct.pack(f"{order}HHHIII", 1, 1, 2, 2, 0x4E000000, 0)
        tiff = (
            mark + struct.pack(f"{order}IH", 8, 2) + entries + struct.pack(f"{order}I", 0) + place
        )
        for header in (b"", b"Exif\0\0"):
            kept = exif_without_place(header + tiff)
            assert kept is not None and kept.startswith(header + mark)
            tags = Image.Exif()
            tags.load(b"Exif\0\0" + kept.removeprefix(b"Exif\0\0"))
            assert dict(tags) == {0x0112: 6}


@pytest.mark.parametrize(
    "broken",
    [b"Exif\0\0II*\0\x25\x88", b"\x88\x25", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x88\x25" * 9,
     b"Exif\0\0" + b"\x88\x25" * 1_000_000],
)  # fmt: skip
def test_exif_that_cannot_be_read_goes(broken):
    assert not exif_without_place(broken)


def test_a_file_of_boxes_keeps_its_length():
    for mark in (b"", b"Exif\0\0"):
        before = (
            b"\0\0\0\x18ftypheic...." + mark + exif()[6:] + b"....." + XMP_PLACE + b"....pixels"
        )
        after = blanked(before)
        assert after is not None and len(after) == len(before)
        assert not any(place in after for place in (b"Marienplatz", b"GPSLatitude"))
        start = after.index(b"MM\0*" if b"MM\0*" in after else b"II*\0")
        tags = Image.Exif()
        tags.load(b"Exif\0\0" + after[start:])
        assert tags[ExifTags.Base.Make] == "Camera of Anna"
        assert GPS_IFD not in tags
        assert blanked(after) is None


@every_format
def test_a_part_of_an_image_is_not_read_beyond_its_end(kind):
    whole = saved(kind, exif=exif())
    for end in range(12, len(whole), 7):
        WITHOUT_PLACE[f"image/{kind.lower()}"](whole[:end])
