"""The URLs that webhooks take, as far as their text tells.

Where a name leads is found out at each attempt.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

_LOCAL = ("localhost", "localhost.localdomain")
_ONLY_HTTPS = "Give an https URL: what is sent is not for others to read."


def fault_of(url: str, *, private: bool) -> str:
    """Why a URL is refused, "" if it is not.

    `private`: the operator allows http, and addresses of private networks.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "Give a URL with a host, e.g. https://example.com/hooks."
    if not host:
        return "Give a URL with a host, e.g. https://example.com/hooks."
    if parts.username is not None or parts.password is not None:
        return "Leave out the user and the password: requests are signed instead."
    if parts.fragment:
        return "Leave out what follows #: it is never sent."
    if private:
        return ""
    if parts.scheme.lower() != "https":
        return _ONLY_HTTPS
    return "" if _is_public(host) else f"{host[:100]} is no address on the internet."


def _is_public(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name in _LOCAL or name.endswith(".localhost"):
        return False
    try:
        address = ip_address(name)
    except ValueError:
        return True
    return address.is_global and not address.is_multicast
