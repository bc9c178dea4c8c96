"""The address of a client: the peer's, or the one that a trusted proxy forwards."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_HOPS = 32
_KEPT = 4096
"""Parsed addresses that are cached: most come again with the next request."""


def client_address(peer: str | None, forwarded: str | None, trusted: Sequence[Network]) -> str:
    """The address of the client, for a connection from `peer` with this `X-Forwarded-For`.

    Each proxy appends the address of its own peer, so the list is read from its end while the
    addresses are trusted. What an untrusted peer sends is ignored. A peer without an address (a
    Unix socket) is `unix`.
    """
    address = _parse(peer or "")
    if address is None:
        return peer or "unix"
    hops = (forwarded or "").split(",")[-_HOPS:]
    while hops and _is_trusted(address, trusted):
        earlier = _parse(hops.pop())
        if earlier is None:
            break
        address = earlier
    return str(address)


def is_trusted(peer: str | None, trusted: Sequence[Network]) -> bool:
    """Whether this peer is a proxy whose X-Forwarded-For is believed."""
    address = _parse(peer or "")
    return address is not None and _is_trusted(address, trusted)


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)


@lru_cache(_KEPT)
def _parse(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    # A dual-stack listener sees IPv4 peers as mapped addresses.
    return getattr(address, "ipv4_mapped", None) or address
