"""What counts as one address where limits are kept."""

import ipaddress
from functools import lru_cache

WIDER = 10
"""How many times an address' limit its next wider network has."""
_KEPT = 4096


def network_of(address: str) -> str:
    """An IPv4 address is one by itself; an IPv6 customer has at least a /64 to draw from.

    What is not an address (a Unix socket's peer) counts as it is.
    """
    return networks_of(address)[0]


@lru_cache(_KEPT)
def networks_of(address: str) -> tuple[str, ...]:
    """The networks that an address counts by, the narrowest first; each next may have `WIDER` times
    as many.

    IPv4: the address. IPv6: its /64, and the /48 that one customer may have. What is not an address
    (a Unix socket's peer) counts as it is.
    """
    try:
        parsed = _parsed(address)
    except ValueError:
        return (address,)
    if isinstance(parsed, ipaddress.IPv4Address):
        return (str(parsed),)
    return str(_network(parsed, 32, 64).network_address), str(_network(parsed, 32, 48))


def login_network(address: str) -> str:
    """Where an account logs in from, as a network: a /24 of IPv4, a /64 of IPv6.

    A customer's address may change with every connection, mostly within these. Raises `ValueError`
    for what is not an address.
    """
    return str(_network(_parsed(address), 24, 64))


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    parsed = ipaddress.ip_address(address)
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _network(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, of_4: int, of_6: int
) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    prefix = of_4 if address.version == 4 else of_6
    # By its number: a zone of IPv6 belongs to no network.
    spread = address.max_prefixlen - prefix
    return ipaddress.ip_network((type(address)(int(address) >> spread << spread), prefix))
