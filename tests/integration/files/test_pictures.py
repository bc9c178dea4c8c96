"""Images on their way in: a process of its own works on each, and what it meets stays there."""

import asyncio
import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from handlers.files.intake import Upload
from handlers.files.pictures import pictures as module
from handlers.files.pictures.pictures import PictureLimits, Pictures
from protocol.errors import RequestError
from storage.files.blobs import content_key, thumbnail_key
from tests.integration.files.conftest import asking
from tests.unit.files.images import exif, picture, saved, tags_of

LIMITS = PictureLimits(pixels=1_000_000, thumbnail_side=64, seconds=30)


async def chunks(data):
    for start in range(0, len(data), 50_000):
        yield data[start : start + 50_000]


@pytest.fixture
def prepared(tmp_path):
    """What becomes of an image: its bytes and those of its thumbnail."""

    async def prepared(data, mime="image/jpeg", limits=LIMITS):
        pictures = Pictures(tmp_path / "images", limits)
        try:
            async with pictures.prepared(mime, chunks(data)) as made:
                thumbnail = made.thumbnail
                return made.content.read_bytes(), thumbnail and thumbnail.read_bytes()
        finally:
            assert not list((tmp_path / "images").iterdir()), "nothing is left behind"

    return prepared


def opened(data):
    return Image.open(io.BytesIO(data))


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_head(width, height):
    return b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    )


def bomb(width, height):
    """A PNG of few bytes and many pixels."""
    packed = zlib.compressobj(9)
    row = bytes(1 + width * 4)
    rows = b"".join(packed.compress(row) for _ in range(height)) + packed.flush()
    return png_head(width, height) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_a_thumbnail_of_each_format(prepared, kind):
    data = saved(kind, picture(300, 200))
    content, thumbnail = await prepared(data, f"image/{kind.lower()}")
    assert content == data
    with opened(thumbnail) as image:
        assert (image.format, image.size) == ("WEBP", (64, 43))


async def test_a_thumbnail_is_turned_as_the_image_is_shown_and_tells_nothing(prepared):
    data = saved("JPEG", picture(300, 200), exif=exif(turn=6))
    content, thumbnail = await prepared(data)
    assert tags_of(content)[0x0112] == 6 and b"Marienplatz" not in content
    assert b"Marienplatz" in data
    with opened(thumbnail) as image:
        assert image.size == (43, 64)
        assert not image.getexif() and "exif" not in image.info and "xmp" not in image.info
        # The corner without red and green is where the turn puts it: at the top on the right.
        red, green, *_ = image.convert("RGB").getpixel((40, 3))
        assert red < 60 and green < 60


async def test_transparency_stays(prepared):
    _, thumbnail = await prepared(saved("PNG", picture(300, 200, "RGBA")), "image/png")
    with opened(thumbnail) as image:
        assert image.mode == "RGBA"


async def test_a_small_image_needs_none(prepared):
    data = saved("PNG", picture(64, 40))
    assert await prepared(data, "image/png") == (data, None)


@pytest.mark.parametrize(
    "data",
    [
        bomb(1001, 1000),
        bomb(5000, 5000),
        saved("GIF", Image.new("P", (1001, 1000))),
        png_head(2**31 - 1, 2**31 - 1) + chunk(b"IDAT", b""),
    ],
    ids=["edge", "bomb", "gif", "header"],
)
async def test_too_many_pixels_are_refused(prepared, data):
    with pytest.raises(RequestError, match="more than 1000000 pixels"):
        await prepared(data, "image/png")


async def test_as_many_as_may_be_are_not(prepared):
    _, thumbnail = await prepared(bomb(1000, 1000), "image/png")
    assert thumbnail


@pytest.mark.parametrize(
    "data",
    [b"\xff\xd8\xff" + b"\0" * 1000, b"\x89PNG\r\n\x1a\n" + os.urandom(5000),
     saved("JPEG", picture(300, 200))[:2000], b"GIF89a" + b"\xff" * 500],
)  # fmt: skip
async def test_what_cannot_be_shown_is_kept_without_a_thumbnail(prepared, data):
    content, thumbnail = await prepared(data)
    assert (content, thumbnail) == (data, None)


async def test_an_image_that_takes_too_long_is_told_so(prepared):
    with pytest.raises(RequestError) as refused:
        await prepared(saved("JPEG"), limits=LIMITS._replace(seconds=0.001))
    assert (refused.value.code, refused.value.retryable) == ("unavailable", True)


async def test_a_process_that_dies_is_an_image_that_cannot_be_read(prepared, monkeypatch):
    monkeypatch.setattr(module, "_ROOT", Path("/"))
    monkeypatch.setattr(module, "_MODULE", "no.such.module")
    with pytest.raises(RequestError, match="cannot be read"):
        await prepared(saved("JPEG"))


async def test_no_secret_is_handed_to_the_process(prepared, monkeypatch):
    monkeypatch.setenv("PARLEY_SECRET_KEY", "a secret of this test")
    seen = []
    create = asyncio.create_subprocess_exec

    async def noted(*arguments, **options):
        seen.append(options["env"])
        return await create(*arguments, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    await prepared(saved("JPEG"))
    assert [name for name in seen[0] if name.startswith("PARLEY")] == []


async def test_directories_of_dead_processes_are_swept(tmp_path):
    pictures = Pictures(tmp_path, LIMITS)
    for name, age_s in (("image-old", 7200), ("image-new", 60)):
        left = tmp_path / name
        left.mkdir()
        (left / "source").write_bytes(b"x")
        then = left.stat().st_mtime - age_s
        os.utime(left, (then, then))
    await pictures.sweep(3600)
    assert [path.name for path in tmp_path.iterdir()] == ["image-new"]


async def test_what_is_stored_tells_no_place(files, people, blobs):
    """The figures of the file are of what is stored."""
    data = saved("JPEG", picture(100, 80), exif=exif(turn=6))
    file = (await files.upload(asking(people[0]), Upload("a.jpg", None, chunks(data)))).file
    stored = b"".join([part async for part in blobs.get(content_key(file.file_id))])
    assert b"Marienplatz" not in stored
    assert (file.bytes, file.width, file.height) == (len(stored), 80, 100)
    assert file.thumbnail_url == file.url.replace("/content?", "/thumbnail?")
    assert thumbnail_key(file.file_id) in blobs.keys()  # noqa: SIM118  # no mapping
