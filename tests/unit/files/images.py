"""Images with a place in their metadata, made by Pillow."""

import io
from collections.abc import Mapping

from PIL import ExifTags, Image, PngImagePlugin

GPS_IFD, EXIF_IFD = ExifTags.IFD.GPSInfo, ExifTags.IFD.Exif
LATITUDE = (48.0, 8.0, 13.37)
XMP_PLACE = (
    b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description'
    b' exif:GPSLatitude="48,8.2N" dc:creator="Anna"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
XMP_NONE = XMP_PLACE.replace(b'exif:GPSLatitude="48,8.2N"', b'dc:rights="mine"')


def exif(*, has_place: bool = True, turn: int = 6) -> bytes:
    """Exif of a photograph."""
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = "Camera of Anna"
    tags[ExifTags.Base.Copyright] = "Anna"
    tags[ExifTags.Base.Orientation] = turn
    details = tags.get_ifd(EXIF_IFD)
    details[ExifTags.Base.DateTimeOriginal] = "2026:11:20 22:03:00"
    if has_place:
        details[ExifTags.Base.MakerNote] = b"notes with 48.137 in them"
        place = tags.get_ifd(GPS_IFD)
        place[ExifTags.GPS.GPSLatitudeRef] = "N"
        place[ExifTags.GPS.GPSLatitude] = LATITUDE
        place[ExifTags.GPS.GPSAreaInformation] = b"ASCII\0\0\0Marienplatz"
    return tags.tobytes()


def picture(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """A picture in which every corner differs, so that turns are seen."""
    image = Image.new(mode, (width, height))
    pixels = image.load()
    assert pixels is not None
    for x in range(width):
        for y in range(height):
            pixels[x, y] = (x * 255 // width, y * 255 // height, 128, 200)[: len(mode)]
    return image


def saved(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    """A picture in a format."""
    out = io.BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


def png_texts(texts: Mapping[str, str], *, is_compressed: bool = False) -> PngImagePlugin.PngInfo:
    """Texts beside a PNG."""
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        info.add_itxt(keyword, text, zip=is_compressed)
    return info


def tags_of(data: bytes) -> Image.Exif:
    """What Exif an image has."""
    with Image.open(io.BytesIO(data)) as image:
        return image.getexif()


def pixels_of(data: bytes) -> bytes:
    """What an image shows."""
    with Image.open(io.BytesIO(data)) as image:
        return image.tobytes()
