"""Which names a server answers to, by the Host header.

A page of a stranger can have its own name resolve to an address of ours; its browser then takes us
for that page's server. The Host that it sends is still the stranger's name.
"""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_KEPT = 1024


class AllowedHosts:
    """The names of `allowed`, that of `public_url`, and those of this machine to itself.

    A name may be `*`, for any, or begin with `*.`, for any below it. Where nothing is listed, a
    server that listens on the loopback interface has only the other two, and any other answers to
    every name (`is_open`).
    """

    def __init__(self, allowed: Sequence[str], host: str, public_url: str | None) -> None:
        names = {_without_port(name) for name in allowed}
        self.is_open = "*" in names or (not names and not is_loopback(host))
        self.is_listed = bool(names)
        public = urlsplit(public_url or "").hostname
        self._names = names | _LOOPBACK | ({public.lower()} if public else set())
        self._below = tuple(name[1:] for name in names if name.startswith("*."))
        self.allows = lru_cache(_KEPT)(self._allows)
        """Whether a Host header's text names us."""

    def _allows(self, host: str) -> bool:
        name = _without_port(host)
        return self.is_open or name in self._names or name.endswith(self._below)


def is_loopback(host: str) -> bool:
    """Whether this address is reached from the same machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _without_port(host: str) -> str:
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    if name.count(":") == 1:
        name = name.partition(":")[0]
    return name.removesuffix(".")


ANY_HOST = AllowedHosts(("*",), "", None)
