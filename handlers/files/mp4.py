"""Which of the types that share the container of MP4 a file has, by the brands it names. Pure.

ISO/IEC 14496-12, 4.3: the box `ftyp` has a major brand, and the brands that a reader may take the
file for. Telephones and recorders write major brands of their own, beside those that all read.
"""

_AVIF = {b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_HEIF = {b"mif1", b"msf1"}
_QUICKTIME = {b"qt  "}
_AUDIO = {b"M4A ", b"M4B ", b"F4A ", b"F4B "}
_3GP = (b"3gp", b"3g2", b"3gg", b"3gr", b"3gs")
_MP4 = {
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41",
    b"mp42", b"mp71", b"avc1", b"hvc1", b"av01", b"M4V ", b"M4VH", b"M4VP", b"dash", b"cmfc",
    b"cmf2", b"MSNV", b"mmp4", b"f4v ", b"F4V ", b"XAVC",
}  # fmt: skip
MP4_TYPES = (
    "image/avif", "image/heic", "video/quicktime", "audio/mp4", "video/mp4", "video/3gpp",
)  # fmt: skip
_BRANDS_MOST = 64


def mp4_type(head: bytes) -> str | None:
    """The type, None for another container or one of brands that nobody here reads."""
    if head[4:8] != b"ftyp":
        return None
    major, *others = _brands(head)
    brands = {major, *others}
    if major in _QUICKTIME or (major not in _MP4 | _AUDIO and brands & _QUICKTIME):
        return "video/quicktime"
    if major in _AUDIO:
        return "audio/mp4"
    if major in _AVIF | _HEIC | _HEIF:
        return _image(major, brands)
    if brands & _MP4:
        return "audio/mp4" if brands & _AUDIO or _has_sound_only(head) else "video/mp4"
    return "video/3gpp" if any(brand.startswith(_3GP) for brand in brands) else None


def _image(major: bytes, brands: set[bytes]) -> str | None:
    if major in _AVIF or (major in _HEIF and brands & _AVIF):
        return "image/avif"
    return "image/heic" if brands & _HEIC else None


def _brands(head: bytes) -> list[bytes]:
    """The major brand and, if the box is whole, the others; between them is a version."""
    size = int.from_bytes(head[:4], "big")
    end = min(size, len(head), 16 + 4 * _BRANDS_MOST)
    return [head[8:12], *(head[place : place + 4] for place in range(16, end - 3, 4))]


def _has_sound_only(head: bytes) -> bool:
    """True for a recording that tells its tracks at the beginning (`hdlr`), none of them a film."""
    return b"hdlr" in head and b"soun" in head and b"vide" not in head
