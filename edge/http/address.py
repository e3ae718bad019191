"""A client's network address, from its connection or from a trusted proxy.

Any client can write anything into `X-Forwarded-For`. So its entries are read from the
end, as long as the address that added an entry is a trusted proxy.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from edge.settings import Network


def client_address(
    peer: str, forwarded: Sequence[str], trusted: Sequence[Network]
) -> str:
    """The address from which a request came.

    Args:
        peer: The address at the other end of the connection.
        forwarded: The values of all `X-Forwarded-For` headers.
        trusted: The networks of the trusted proxies.

    Returns:
        An address in its canonical form; `peer` unchanged if it is no address.
    """
    found = _read(peer)
    if found is None:
        return peer
    hops = [hop for header in forwarded for hop in header.split(",")]
    while hops and any(found in network for network in trusted):
        told = _read(hops.pop().strip())
        if told is None:
            break
        found = told
    return str(found)


def network_of(address: str) -> str:
    """The network of an address: an IPv6 client has at least 64 bits of addresses."""
    found = _read(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return address


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    # An IPv4 client of a socket that accepts both versions.
    return getattr(found, "ipv4_mapped", None) or found
