"""What files are served with: the store that the settings name, its sweep, the work on images."""

from dataclasses import dataclass

from handlers.files.files import SharedFiles
from handlers.files.filetypes import ALLOWED
from handlers.files.pictures.pictures import PictureLimits, Pictures
from server.config import Settings
from server.core import Core
from storage.files.blobs import Blobs, LocalBlobs
from storage.files.files import Files
from storage.files.s3_blobs import Bucket, S3Blobs
from storage.files.sweep import FileSweep

UNFINISHED_S = 86_400.0
"""An upload that was begun longer ago than this will not be finished."""


@dataclass(frozen=True, slots=True)
class FileParts:
    """`sweep` takes its turns again and again."""

    files: SharedFiles
    sweep: FileSweep


async def file_parts(settings: Settings, core: Core) -> FileParts:
    """The parts; what processes that died have left on this machine is removed."""
    limits, pool = settings.limits, core.foundation.pool
    blobs: Blobs
    bucket = _bucket(settings)
    if bucket is None:
        blobs = local = LocalBlobs(settings.files_dir)
        await local.sweep(UNFINISHED_S)
    else:
        blobs = S3Blobs(bucket)
    pictures = Pictures(
        settings.files_dir / "images",
        PictureLimits(limits.image_pixels, limits.thumbnail_side, settings.image_s),
    )
    await pictures.sweep(UNFINISHED_S)
    files = SharedFiles(
        Files(pool, limits.file_quota_bytes),
        blobs,
        core.readers.links,
        limits,
        pictures,
        ALLOWED | frozenset(settings.file_types),
    )
    return FileParts(files, FileSweep(pool, blobs, settings.unnamed_files_s))


def _bucket(settings: Settings) -> Bucket | None:
    if settings.s3_bucket is None:
        return None
    secret = settings.s3_secret_access_key
    return Bucket(
        settings.s3_bucket,
        settings.s3_endpoint,
        settings.s3_region,
        settings.s3_prefix,
        settings.s3_access_key_id,
        None if secret is None else secret.get_secret_value(),
        settings.s3_timeout_s,
    )
