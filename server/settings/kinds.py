"""Kinds of settings, each with its check: lists by commas, URLs, ports, origins of pages."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


_VISIBLE = re.compile(r"[!-~]+")
_NO_URL = (
    "is no URL; its port is a number to 65535, and a password has /, ? and # as %2F, %3F and %23"
)


def url_of(*schemes: str) -> BeforeValidator:
    """The check of a URL's scheme."""

    def check(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            parts = urlsplit(value)
            # PostgreSQL's may name several hosts, each with a port of its own.
            port = None if "," in parts.netloc else parts.port
        except ValueError:  # its text quotes the URL, and so perhaps a part of the password
            raise ValueError(_NO_URL) from None
        if parts.scheme not in schemes:
            raise ValueError(f"should begin with one of {', '.join(s + '://' for s in schemes)}")
        if port == 0:
            raise ValueError("has the port 0, where nobody listens")
        return value

    return BeforeValidator(check)


def _origin(value: str) -> str:
    parts = urlsplit(value)
    rest = (parts.path.rstrip("/"), parts.query, parts.fragment, parts.username)
    if value != "*" and (not (parts.scheme and parts.hostname) or any(rest) or parts.port == 0):
        raise ValueError("should be a scheme, a host and perhaps a port: https://app.example")
    return value


def _visible(value: str) -> str:
    if not _VISIBLE.fullmatch(value):
        raise ValueError(
            "has blanks, or letters beyond ASCII, which URLs in mails do not have: "
            "a domain is xn--… then, and a path %…"
        )
    return value


Port = Annotated[int, Field(ge=0, le=65_535)]
Origin = Annotated[str, AfterValidator(_origin)]
VISIBLE = AfterValidator(_visible)
"""URLs as mails and headers hold them: of visible ASCII characters."""
BY_COMMAS = BeforeValidator(_split)
OR_NONE = BeforeValidator(lambda value: value or None)
"""Nothing between `=` and the line's end means unset."""
