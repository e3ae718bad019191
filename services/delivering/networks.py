"""Which network addresses a request of a tenant may go to: those of the internet.

Everything else stands in tables here, so that a new version of Python changes nothing.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

# The operator may allow these.
_PRIVATE_4 = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_PRIVATE_6 = ("::1/128", "fc00::/7")
# Nobody may allow these.
_FORBIDDEN_4 = (
    "0.0.0.0/8",  # this network
    "100.64.0.0/10",  # networks of carriers
    "169.254.0.0/16",  # link-local, with the metadata of most clouds
    "192.0.0.0/24",  # protocols; metadata of Oracle's cloud
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # relays to IPv6
    "198.18.0.0/15",  # measurements
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
    "168.63.129.16/32",  # what machines of Azure ask
)
_FORBIDDEN_6 = (
    "2001::/23",  # protocols, Teredo among them
    "2001:db8::/32",  # documentation
    "2002::/16",  # IPv4 in IPv6: 6to4
    "3fff::/20",  # documentation
)
# Metadata within what the operator may allow: of Amazon's and Google's clouds.
_METADATA_6 = ("fd00:ec2::/32", "fd20:ce::/32")
# All of the internet. Mapped and compatible addresses and NAT64 are outside of it.
_INTERNET_6 = ip_network("2000::/3")
# The interface of an address that holds an IPv4 address: ISATAP.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)

_PRIVATE = tuple(map(ip_network, (*_PRIVATE_4, *_PRIVATE_6)))
_FORBIDDEN = tuple(map(ip_network, (*_FORBIDDEN_4, *_FORBIDDEN_6)))
_METADATA = tuple(map(ip_network, _METADATA_6))


def may_reach(text: str, *, allows_private: bool) -> bool:
    """Whether a request may go to an address, as the resolver writes it."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and _is_special(address):
        return False
    if any(address in each for each in (*_METADATA, *_FORBIDDEN)):
        return False
    if any(address in each for each in _PRIVATE):
        return allows_private
    return isinstance(address, IPv4Address) or address in _INTERNET_6


def _is_special(address: IPv6Address) -> bool:
    """Whether an address has a zone, or an IPv4 address in it (ISATAP)."""
    interface = (int(address) >> 32) & 0xFFFF_FFFF
    return address.scope_id is not None or interface in _ISATAP
