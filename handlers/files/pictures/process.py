"""Works on one image in a process of its own: decoders meet a stranger's bytes here, and may be
slow, want much memory, or die.

Run with the paths of the image, of the image without its place and of the thumbnail, its type, the
most pixels and the longer side of the thumbnail. Each line that is written says what is done:
`pixels N` (too many, and nothing else is done), `kept` or `cleaned`, `thumbnail`.
"""

import contextlib
import resource
import sys
import warnings
from pathlib import Path

from PIL import (
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from handlers.files.pictures.formats import WITHOUT_PLACE

_MEMORY_BYTES = 536_870_912
_BYTES_A_PIXEL = 8
_QUALITY = 80
_DECODERS = (GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
"""Importing one makes its format known: these, instead of all that Pillow has."""
_FORMATS = ("GIF", "JPEG", "PNG", "WEBP")
_SMALL_BYTES = 65_536


def main(arguments: list[str]) -> None:
    """See the module."""
    source, cleaned, thumbnail = (Path(name) for name in arguments[:3])
    mime, pixels, side, seconds = arguments[3], *(int(number) for number in arguments[4:7])
    _limit(pixels, seconds)
    size = _size(source)
    if size is not None and size[0] * size[1] > pixels:
        _say(f"pixels {size[0] * size[1]}")
        return
    without = WITHOUT_PLACE.get(mime)
    changed = without(source.read_bytes()) if without is not None else None
    if changed is not None:
        cleaned.write_bytes(changed)
    _say("kept" if changed is None else "cleaned")
    if size is not None and _is_larger(size, side, source):
        _shrink(source, thumbnail, side)
        _say("thumbnail")


def _limit(pixels: int, seconds: int) -> None:
    memory = _MEMORY_BYTES + _BYTES_A_PIXEL * pixels
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = pixels
    # Twice that many are an error of Pillow's own; what is between is refused by us.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def _size(source: Path) -> tuple[int, int] | None:
    """Width and height by the headers; None for what Pillow does not read."""
    try:
        with Image.open(source, formats=_FORMATS) as image:
            return image.size
    except Image.DecompressionBombError:
        return 2**31, 2**31
    except Exception:  # noqa: BLE001 - a stranger's bytes in another's parser: whatever it raises
        return None


def _is_larger(size: tuple[int, int], side: int, source: Path) -> bool:
    return max(size) > side or source.stat().st_size > _SMALL_BYTES


def _shrink(source: Path, thumbnail: Path, side: int) -> None:
    """The first picture of a file, turned as it is shown, with nothing of its metadata."""
    with Image.open(source, formats=_FORMATS) as image:
        image.draft("RGB", (side, side))
        image.load()
        shown = ImageOps.exif_transpose(image)
    has_transparency = shown.has_transparency_data
    shown = shown.convert("RGBA" if has_transparency else "RGB")
    shown.thumbnail((side, side))
    shown.save(
        thumbnail, "WEBP", quality=_QUALITY, exif=b"", xmp=b"",
        icc_profile=image.info.get("icc_profile") or b"",
    )  # fmt: skip


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # What it is about is in the lines that were written; a traceback would quote the file.
    with contextlib.suppress(Exception):
        main(sys.argv[1:])
