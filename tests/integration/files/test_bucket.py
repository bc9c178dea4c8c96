"""Processes on several machines with one bucket: what one took in, the other hands out."""

import io

from server.notifications.push import KEY_FILE
from tests.unit.files.images import exif, picture, saved


def settings(bucket):
    return {
        "s3_bucket": bucket.name,
        "s3_endpoint": bucket.endpoint,
        "s3_prefix": "files/of/parley/",
        "s3_access_key_id": bucket.access_key_id,
        "s3_secret_access_key": bucket.secret_access_key,
    }


async def test_one_takes_in_and_another_hands_out(serve, s3_server, tmp_path):
    bucket = s3_server.bucket()
    image = saved("PNG", picture(900, 600), exif=exif())
    large = b"line of text\n" * 500_000
    async with (
        serve(**settings(bucket), file_types="image/heic", data_dir=tmp_path / "one") as one,
        serve(**settings(bucket), data_dir=tmp_path / "other") as other,
    ):
        anna, ben = await one.people("anna", "ben")
        sent = (await one.upload(anna, image, "pier.png")).body["file"]
        posted = await one.http("POST", "/v1/files", anna, data=io.BytesIO(large))
        assert posted.status == 201
        text = posted.body["file"]
        assert await s3_server.keys(bucket) == sorted(
            f"files/of/parley/{name}"
            for name in (sent["file_id"], f"thumbnail-{sent['file_id']}", text["file_id"])
        )
        path = f"/v1/files/{text['file_id']}"
        whole = await other.http("GET", f"{path}/content", anna)
        assert whole.status == 200
        is_whole = whole.body == large  # outside the assertion, which would print it
        assert is_whole
        part = await other.http(
            "GET", f"{path}/content", anna, headers={"Range": "bytes=1500000-5500000"}
        )
        assert part.status == 206
        is_part = part.body == large[1_500_000:5_500_001]
        assert is_part
        assert (await other.http("GET", f"{path}/content", ben)).status == 404
        content = await other.http("GET", f"/v1/files/{sent['file_id']}/content", anna)
        assert content.body != image and b"Marienplatz" not in content.body
        small = await other.http("GET", f"/v1/files/{sent['file_id']}/thumbnail", anna)
        assert small.headers["Content-Type"] == "image/webp"
        # HEIC is taken where it says so.
        heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100
        assert (await one.upload(anna, heic, "a.heic")).status == 201
        refused = await other.upload(anna, heic, "a.heic")
        assert (refused.status, refused.body["errors"][0]["path"]) == (422, "file")
        assert (await other.http("DELETE", path, anna)).status == 204
        # Of files nothing stays on this machine; the key for pushes is its own.
        kept = {path.name for path in (tmp_path / "one").rglob("*") if path.is_file()}
        assert kept <= {KEY_FILE}
