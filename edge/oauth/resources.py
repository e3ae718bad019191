"""Resource indicators (RFC 8707): the resources that a token of this server is for.

There is one resource, the API: under `/v1`, and for assistants at `/mcp`, where calls
pass the same gates. Clients name it by either address, by the server's address, or by
an operation's. Any other address is refused, so that a token of ours is never mistaken
for one of another server.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from edge.oauth.refusals import refused

API, ASSISTANTS = "/v1", "/mcp"


def is_ours(resource: str, base: str) -> bool:
    """Whether a resource is this API; `base` is the server's address without a path."""
    if not resource.isascii():
        return False
    try:
        given, own = urlsplit(resource), urlsplit(base)
        same = (given.scheme, given.hostname, given.port) == (
            own.scheme,
            own.hostname,
            own.port,
        )
    except ValueError:
        return False
    path = given.path.removesuffix("/")
    inside = path in ("", API, ASSISTANTS) or path.startswith(f"{API}/")
    return same and inside and "#" not in resource and "@" not in given.netloc


def check_resources(resources: Iterable[str], base: str) -> None:
    """Refuses resources of other servers: `invalid_target`."""
    if not all(is_ours(resource, base) for resource in resources):
        raise refused("invalid_target", "A resource is not one of this server.")
