"""The checks of an assistant's HTTP request before its messages are read."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from edge.http.http_input import refuse_query
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.visit import Visit

# Media ranges that include JSON, which the answers are.
_TAKES_JSON = re.compile(
    r"\s*(?:\*/\*|application/(?:\*|json))\s*(?:;.*)?", re.I | re.A
)


# Names of collections, as paths have them.
_CHOICE = re.compile(rb"tools=([a-z_]{1,64}(?:(?:,|%2[Cc])[a-z_]{1,64}){0,63})")
_BETWEEN = re.compile(r",|%2[Cc]")


async def check_origin(edge: Edge, visit: Visit) -> None:
    """403: the request is not from a page of another site (MCP, on DNS rebinding).
    A browser sends the site of a script in `Origin`; other programs send none. With DNS
    rebinding, a foreign page's host name points to this machine, so `Host` matches its
    `Origin`. So without a configured address, only an IP address or `localhost` counts
    as our own origin.
    """
    origins = visit.header("origin")
    if origins and not (len(origins) == 1 and _is_own(origins[0], edge, visit)):
        detail = "Scripts of other sites cannot call tools here."
        raise ProblemError("ORIGIN_REFUSED", detail)


def _is_own(origin: str, edge: Edge, visit: Visit) -> bool:
    try:
        given, base = urlsplit(origin.lower()), urlsplit(visit.base.lower())
        if edge.settings.public_url:
            return (given.scheme, given.netloc) == (base.scheme, base.netloc)
        # Only host and port: a proxy may terminate TLS.
        return given.netloc == base.netloc and _is_no_name(given.hostname or "")
    except ValueError:
        return False


def _is_no_name(host: str) -> bool:
    """Whether a host needs no DNS, so that nobody can point it to another machine."""
    if host == "localhost":
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def check_accept(edge: Edge, visit: Visit) -> None:
    """406: the client accepts JSON, or does not state what it accepts."""
    ranges = [each for line in visit.header("accept") for each in line.split(",")]
    if ranges and not any(map(_TAKES_JSON.fullmatch, ranges)):
        detail = "Answers are application/json, which Accept leaves out."
        raise ProblemError("NOT_ACCEPTABLE", detail)


async def check_query(edge: Edge, visit: Visit) -> None:
    """400: there are no query parameters but `tools`, at most once."""
    raw_url: bytes = visit.request.raw_url
    _, _, query = raw_url.partition(b"?")
    if not _CHOICE.fullmatch(query):
        refuse_query(raw_url)


def chosen(raw_url: bytes) -> frozenset[str] | None:
    """The collections in `?tools=contacts,deals`, None if there is no such choice."""
    found = _CHOICE.fullmatch(raw_url.partition(b"?")[2])
    return None if found is None else frozenset(_BETWEEN.split(found[1].decode()))
