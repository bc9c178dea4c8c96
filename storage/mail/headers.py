"""Texts and addresses as headers may carry them: of one line, and of nobody's making but ours."""

import re
import unicodedata
from email.headerregistry import Address
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from storage.people.emails import canonical

SUBJECT_CHARS = 200
NAME_CHARS = 100

# What turns the direction of a text, or is not seen: in a name it would change our own words.
_TURNING = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_URL = re.compile(r"[!-~]+")
_TEXT_LINES = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")


def one_line(text: str, most: int) -> str:
    """The text on one line, without control characters, of at most `most` characters."""
    shown = "".join(" " if _is_control(char) else char for char in _TURNING.sub("", text))
    line = " ".join(shown.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def plain_lines(text: str) -> str:
    """The text with its line breaks, but without other control characters."""
    lines = (_TURNING.sub("", line) for line in _TEXT_LINES.split(text))
    return "\n".join(
        "".join(" " if _is_control(char) else char for char in line).rstrip() for line in lines
    ).strip()


def mailbox(address: str, name: str = "") -> Address:
    """An address with the name before it, as a header has it.

    Raises `AddressError` for what is no address.
    """
    local, _, domain = deliverable(address).rpartition("@")
    return Address(one_line(name, NAME_CHARS), local, domain)


def deliverable(address: str) -> str:
    """The address with its domain in A-labels (RFC 5891), the local part as it was written.

    Raises `AddressError`.
    """
    domain = canonical(address).rpartition("@")[2]
    return unicodedata.normalize("NFC", address.rpartition("@")[0]) + "@" + domain


def absolute(url: str, base_url: str) -> str | None:
    """A path of the web page, or a URL, as a URL of http or https; None for what is none."""
    try:
        joined = urljoin(base_url.rstrip("/") + "/", url.lstrip("/") if url[:1] == "/" else url)
        parts = urlsplit(joined)
    except ValueError:
        return None
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return joined if is_web and _URL.fullmatch(joined) else None


def message_id(of: UUID, domain: str) -> str:
    """The Message-ID of a delivery, the same for each of its tries."""
    return f"<{of}@{domain}>"


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}
