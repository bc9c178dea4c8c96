"""How much a person may store, and what images may cost."""

import io

from PIL import Image

from tests.integration.limits.scene import limits
from tests.unit.files.images import picture, saved


@limits(file_quota_bytes=15)
async def test_file_quota_bytes(room):
    assert (await room.served.upload(room.anna, b"x" * 10)).status == 201
    refused = await room.served.upload(room.anna, b"x" * 6)
    assert (refused.status, refused.body["error"]["code"]) == (413, "payload_too_large")
    assert refused.body["error"]["details"]["limit"] == "file_quota_bytes"
    assert (await room.served.upload(room.anna, b"x" * 5)).status == 201


@limits(image_pixels=100)
async def test_image_pixels(room):
    fits = await room.served.upload(room.anna, saved("PNG", picture(10, 10)), "a.png")
    assert fits.status == 201
    refused = await room.served.upload(room.anna, saved("PNG", picture(10, 11)), "b.png")
    assert refused.status in {413, 422}
    assert "pixels" in str(refused.body)


@limits(thumbnail_side=20)
async def test_thumbnail_side(room):
    stored = await room.served.upload(room.anna, saved("PNG", picture(60, 40)), "a.png")
    small = await room.served.http("GET", stored.body["file"]["thumbnail_url"])
    assert max(Image.open(io.BytesIO(small.body)).size) == 20
