"""Which operations the audit tells of: the services are told who sends them."""

from collections.abc import Sequence

from sanic import Request

from edge.http.address import client_address
from edge.settings import Network
from edge.transcoder.routes import Route

# Who writes these changes what others may do or see.
_RESOURCES = frozenset(("sandbox", "schema", "sender", "token", "webhook"))
MOST_ADDRESS = 64


def is_audited(route: Route) -> bool:
    """Whether the audit tells of a call of a route, with its network address."""
    resource = (route.permission or "").partition(".")[0]
    return route.audited or (resource in _RESOURCES and not route.only_reads)


def address_of(request: Request, trusted: Sequence[Network]) -> str:
    """The network address of a client, behind the proxies that are trusted."""
    forwarded = request.headers.getall("x-forwarded-for", [])
    return client_address(request.ip, forwarded, trusted)[:MOST_ADDRESS]
