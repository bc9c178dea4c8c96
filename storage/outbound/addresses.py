"""Which addresses may be called at a client's wish: those that the whole internet reaches.

The tables are written out: `ipaddress.is_global` differs from one Python to the next. Source: IANA
IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a carrier's customers
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # global by its number, the host's own services in Azure
        "169.254.0.0/16",  # link-local, metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
"""All that is assigned to be global unicast: loopback, ULA, link-local, multicast, mapped and NAT64
addresses are outside.
"""
_SPECIAL_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3ffe::/16",  # the former 6bone
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def may_be_called(address: Address, besides: Sequence[Network] = ()) -> bool:
    """Whether requests may go to an address: a global one, or one of the networks `besides`.

    An address that holds one of IPv4 (mapped, NAT64, 6to4, Teredo) has to be in a network
    `besides`, and the one that it holds is judged too.
    """
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    held = _held(address)
    if held is not None and not may_be_called(held, besides):
        return False
    return any(address in network for network in besides) or _is_global(address)


def read_address(text: str) -> Address | None:
    """An address in its one usual spelling; None for any other text."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address if str(address) == text.lower() else None


def _is_global(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    return address in _GLOBAL_6 and not any(address in network for network in _SPECIAL_6)


def _held(address: Address) -> IPv4Address | None:
    """The address of IPv4 that one of IPv6 leads to."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour
