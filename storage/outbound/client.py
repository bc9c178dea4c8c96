"""Requests to URLs that clients name, guarded: vetted addresses, no redirects, all of it bounded.

A name is looked up once a connection. All its addresses have to be global, and the connection goes
to one of those, whatever the name says a moment later; SNI, certificate and Host stay the name's.
"""

import contextlib
import functools
import socket
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, NamedTuple

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from storage.outbound.addresses import Network, may_be_called
from storage.outbound.lookup import Lookup, SystemLookup
from storage.outbound.targets import RefusedTargetError, Target, target_of

ANSWER_BYTES = 4096
"""So much of an answer is read, to tell why something was refused; the rest is not waited for."""
_NAMES_KEPT_S = 10


class OutboundFailedError(Exception):
    """No answer came: not reached, cut off, or not in time; the text says which."""


class Answer(NamedTuple):
    """What came back. `body` is its beginning, as it came: nothing is inflated."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class OutboundRules:
    """What may be called besides global addresses by https, and how much at once.

    `tls` replaces the system's certificate authorities.
    """

    besides: Sequence[Network] = ()
    allows_http: bool = False
    connections: int = 64
    connections_per_host: int = 32
    tls: ssl.SSLContext | None = field(default=None, compare=False)

    def target_of(self, url: str) -> Target:
        """A URL, judged by what it says alone. Raises `RefusedTargetError`."""
        return target_of(url, allows_http=self.allows_http, besides=self.besides)

    def vet(self, address: str) -> str:
        """An address that may be connected to. Raises `RefusedTargetError`."""
        if not may_be_called(ip_address(address), self.besides):
            raise RefusedTargetError("its name leads to an address that is not global")
        return address


class OutboundClient:
    """Sends requests of one process over connections of its own; made by `outbound_client`."""

    def __init__(self, rules: OutboundRules, session: aiohttp.ClientSession) -> None:
        self.rules = rules
        self._session = session

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float
    ) -> Answer:
        """Send a body, and read the beginning of the answer; in all within `timeout_s` seconds.

        Redirects are answers like any other. Raises `RefusedTargetError` for what may not be
        called, `OutboundFailedError` where no answer came.
        """
        target = self.rules.target_of(url)
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with self._session.post(
                target.url, headers=headers, data=body, allow_redirects=False, timeout=timeout
            ) as response:
                start = await _beginning(response.content)
                return Answer(response.status, response.headers, start)
        except TimeoutError as error:
            raise OutboundFailedError(f"no answer within {timeout_s:g} s") from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, RefusedTargetError):
                raise error.os_error from None
            raise OutboundFailedError(f"not reached: {error.os_error}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise OutboundFailedError(f"{type(error).__name__}: {error}") from error


@contextlib.asynccontextmanager
async def outbound_client(
    rules: OutboundRules, lookup: Lookup | None = None
) -> AsyncIterator[OutboundClient]:
    """A client, as long as the block lasts; `lookup` replaces the system's resolver."""
    system = SystemLookup()
    connector = aiohttp.TCPConnector(
        resolver=_VettingResolver(rules, lookup or system),
        socket_factory=_Sockets(rules),
        ssl=rules.tls or _system_trust(),
        ttl_dns_cache=_NAMES_KEPT_S,
        limit=rules.connections,
        limit_per_host=rules.connections_per_host,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        headers={"User-Agent": "parley"},
    )
    try:
        yield OutboundClient(rules, session)
    finally:
        await session.close()
        system.close()


@functools.cache
def _system_trust() -> ssl.SSLContext:
    """What the system trusts: read once, as it takes some 35 ms."""
    return ssl.create_default_context()


class _VettingResolver(AbstractResolver):
    """Gives the connector addresses that may be called, and no others."""

    def __init__(self, rules: OutboundRules, lookup: Lookup) -> None:
        self._rules = rules
        self._lookup = lookup

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - aiohttp gives it by name
    ) -> list[ResolveResult]:
        found = [self._rules.vet(address) for address in await self._lookup(host)]
        if not found:
            raise OSError("its name has no address")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is kept here."""


class _Sockets:
    """Makes the connector's sockets: the last look at where each is to be connected to."""

    def __init__(self, rules: OutboundRules) -> None:
        self._rules = rules

    def __call__(self, place: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _name, address = place
        self._rules.vet(address[0])
        return socket.socket(family, kind, protocol)


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    """At most `ANSWER_BYTES`; what is left ends the connection."""
    found = bytearray()
    while len(found) < ANSWER_BYTES and not content.at_eof():
        found += await content.read(ANSWER_BYTES - len(found))
    return bytes(found)
