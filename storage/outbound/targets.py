"""What a URL that a client names has to look like. Pure: nothing is looked up.

The grammar is narrower than RFC 3986, so that no two readers of a URL see two hosts in it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from yarl import URL

from storage.outbound.addresses import Network, may_be_called, read_address

URL_CHARS = 2048
"""The longest URL. An index on it holds 2,700 bytes; push services' have some hundreds."""
HOST_CHARS = 253
_URL = re.compile(r"(https?)://([^/?#]*)([/?].*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::([0-9]{1,5}))?")
_REST = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]]|%[0-9A-Fa-f]{2})*")
_LABEL = re.compile(r"[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORTS = {"https": 443, "http": 80}


class RefusedTargetError(OSError):
    """No request goes to this URL, or to the address that its host has; the text says why.

    An `OSError`, so that it passes through aiohttp's connector as the cause of its error.
    """


class Target(NamedTuple):
    """A URL that may be called, if the address of its host may be."""

    url: URL
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host, and the port unless it is the scheme's own, as RFC 6454 writes them."""
        scheme = self.url.scheme
        named = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{named}" + ("" if self.port == _PORTS[scheme] else f":{self.port}")


def target_of(url: str, *, allows_http: bool = False, besides: Sequence[Network] = ()) -> Target:
    """A URL, judged by what it says alone; an address in it is judged wholly.

    `https` only, unless `allows_http`; no credentials, no fragment, a host in ASCII, addresses in
    their one usual spelling, and those that `may_be_called`. Raises `RefusedTargetError`.
    """
    if len(url) > URL_CHARS:
        raise RefusedTargetError(f"is longer than {URL_CHARS} characters")
    parts = _URL.fullmatch(url)
    if parts is None:
        raise RefusedTargetError("is no URL that begins with https://, without a fragment")
    scheme, authority, rest = parts[1], parts[2], parts[3] or ""
    if scheme != "https" and not allows_http:
        raise RefusedTargetError("does not begin with https://")
    if "@" in authority:
        raise RefusedTargetError("holds credentials")
    if not _REST.fullmatch(rest):
        raise RefusedTargetError("has characters in its path or query, or a fragment, not taken")
    place = _AUTHORITY.fullmatch(authority)
    port = int(place[2] or _PORTS[scheme]) if place else 0
    if place is None or not 0 < port < 65_536:
        raise RefusedTargetError("has no host, or no port, that can be read")
    host = _host(place[1].lower(), besides)
    read = URL(f"{scheme}://{authority.lower()}{rest or '/'}", encoded=True)
    if (read.raw_host, read.port) != (host, port):
        raise RefusedTargetError("can be read in two ways")
    return Target(read, host, port)


def _host(host: str, besides: Sequence[Network]) -> str:
    """The name or address of a URL, without brackets; raises `RefusedTargetError`."""
    bare = host.strip("[]")
    is_address = host != bare or _NUMERIC.fullmatch(bare.rpartition(".")[2]) is not None
    if not is_address:
        if len(host) > HOST_CHARS or not all(map(_LABEL.fullmatch, host.split("."))):
            raise RefusedTargetError("has no host that can be read")
        return host
    address = read_address(bare)
    if address is None or (host != bare) != (address.version == 6):
        raise RefusedTargetError("spells an address in an unusual way")
    if not may_be_called(address, besides):
        raise RefusedTargetError("names an address that is not global")
    return bare
