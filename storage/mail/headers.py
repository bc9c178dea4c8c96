"""Headers of a mail, made here to their last byte.

The library's own headers read the text that they are given: an encoded word (RFC 2047) which
somebody has taken for a name is decoded by them, line breaks in it included (CVE-2024-6923).
"""

import re
import unicodedata
from email.header import Header
from urllib.parse import urljoin, urlsplit

from protocol.notifications.lines import one_line
from storage.people.emails import AddressError, canonical

SUBJECT_CHARS = 200
NAME_CHARS = 100
_LINE_CHARS = 78
"""RFC 5322, section 2.1.1: what a line should not be longer than."""
_MOST_CHARS = 900
"""Of a value that is not folded: 998 is what a line holds at most."""
_FOLD = "\r\n "

_ATOMS = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_URL = re.compile(r"[!-~]+")


def field(name: str, value: str) -> bytes:
    """A header of this value, which may be folded.

    Raises `ValueError` for a value that would end the header, or begin another.
    """
    if not all(line.strip(" ") and line.isprintable() for line in value.split(_FOLD)):
        raise ValueError(f"no header {name} holds this value")
    return f"{name}: {value}\r\n".encode()


def text_field(name: str, text: str) -> bytes:
    """A header of words, which readers show as they are given here, on one line.

    What is not plain is an encoded word of ours, and so is what looks like one.
    """
    is_plain = text.isascii() and text.isprintable() and "=?" not in text
    if is_plain and len(name) + len(": ") + len(text) <= _LINE_CHARS:
        return field(name, text)
    return field(name, _encoded(text, name))


def token_field(name: str, value: str) -> bytes:
    """A header that readers look for as it is, unfolded: of visible ASCII characters.

    Raises `ValueError` for another value.
    """
    if not _URL.fullmatch(value) or len(value) > _MOST_CHARS:
        raise ValueError("not of visible ASCII characters, or longer than a line")
    return field(name, value)


def mailbox_field(name: str, address: str, shown: str = "") -> bytes:
    """A header of an address, with the name that is shown before it.

    Raises `AddressError` for what is no address.
    """
    spelled, line = deliverable(address), one_line(shown, NAME_CHARS)
    if not line:
        return field(name, spelled)
    if _ATOMS.fullmatch(line):
        return field(name, f"{line} <{spelled}>")
    return field(name, f"{_encoded(line, name)}{_FOLD}<{spelled}>")


def deliverable(address: str) -> str:
    """The address with its domain in A-labels (RFC 5891), the local part as it was written.

    Raises `AddressError`.
    """
    domain = canonical(address).rpartition("@")[2]
    local = unicodedata.normalize("NFC", address.rpartition("@")[0])
    if "=?" in local:
        # RFC 2047, section 5: no address has one, but there are servers that decode it.
        raise AddressError("before the @: the beginning of an encoded word")
    return f"{local}@{domain}"


def absolute(url: str, base_url: str) -> str | None:
    """A path of the web page, or a URL, as a URL of http or https; None for what is none."""
    try:
        joined = urljoin(base_url.rstrip("/") + "/", url.lstrip("/") if url[:1] == "/" else url)
        parts = urlsplit(joined)
    except ValueError:
        return None
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return joined if is_web and _URL.fullmatch(joined) else None


def _encoded(text: str, name: str) -> str:
    """As encoded words of UTF-8, which hold none but letters, digits and signs of ASCII."""
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")
