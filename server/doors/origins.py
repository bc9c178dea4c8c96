"""Which web pages may use the doors, by the Origin header: one rule for both.

A request without an Origin does not come from a page of a browser.
"""

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import structlog

log = structlog.get_logger()

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_TOLD = 16
"""So many refused origins are logged: anybody may send any."""
_LOGGED_CHARS = 200
_KEPT = 1024
"""Decisions: a browser's requests have the same origin again and again."""
_CHARS = 300
"""A scheme, a name as long as DNS has any, and a port."""


class Origins:
    """Our own origins, and those of `allowed`, of which `*` is any.

    Our own are that of `public_url`, and a host by the name that the request itself gives, at the
    port that it came to or at that of the HTTP door, whose pages connect to the other door too. A
    proxy may have taken TLS off, so their scheme is not compared. The names that a server answers
    to are checked elsewhere (`server/doors/hosts.py`).
    """

    def __init__(self, allowed: Sequence[str] = (), public_url: str | None = None) -> None:
        self._is_open = "*" in allowed
        listed = (*allowed, public_url) if public_url else allowed
        self._listed = {canonical(origin) for origin in listed}
        self._told: set[str] = set()
        self.http_port: int | None = None
        """That of the HTTP door, once it is known."""
        self._decide = lru_cache(_KEPT)(self._decided)

    def allow(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may; `host` is the request's own Host header."""
        if max(len(origin), len(host)) > _CHARS:  # decisions are kept, with what they are about
            return self._is_open
        allowed = self._is_open or self._decide(origin, host, self.http_port)
        if not allowed:
            self._tell(origin)
        return allowed

    def _decided(self, origin: str, host: str, http_port: int | None) -> bool:
        try:
            if canonical(origin) in self._listed:
                return True
            page = urlsplit(origin)
            ours = urlsplit(f"{page.scheme}://{host}")
            if page.scheme not in {"http", "https"} or not page.hostname:
                return False
            return page.hostname == ours.hostname and _port(page) in {_port(ours), http_port}
        except ValueError:  # no valid port
            return False

    def _tell(self, origin: str) -> None:
        """Log each once: whoever writes a page sees no more than that the browser refused."""
        if origin not in self._told and len(self._told) < _TOLD:
            self._told.add(origin)
            log.warning(
                "origin_refused", origin=origin[:_LOGGED_CHARS], set="PARLEY_ALLOWED_ORIGINS"
            )


def canonical(origin: str) -> str:
    """An origin as browsers send it: lower case, without the port that its scheme has anyway.

    Raises `ValueError` for a port that is not valid.
    """
    parts = urlsplit(origin)
    if not parts.hostname:
        return origin.lower()
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if _port(parts) == _DEFAULT_PORTS.get(parts.scheme) else f":{_port(parts)}"
    return f"{parts.scheme}://{name}{port}"


def _port(parts: SplitResult) -> int | None:
    return parts.port or _DEFAULT_PORTS.get(parts.scheme)
