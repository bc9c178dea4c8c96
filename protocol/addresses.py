"""What counts as one address where limits are kept."""

import ipaddress


def network_of(address: str) -> str:
    """An IPv4 address is one by itself; an IPv6 customer has at least a /64 to draw from.

    What is not an address (a Unix socket's peer) counts as it is.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)).network_address)
