"""One request outside `/v1`, by an app or by a person's browser, and its gates.

No token identifies the client, so limits apply to its network address. A gate checks
one thing: it writes its result into the visit, or raises a problem.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sanic import Request

from edge.figures import ADDRESS
from edge.http.address import network_of
from edge.http.http_input import media_type, read_body, refuse_query
from edge.limits.limit import Limit
from edge.limits.load import Entry
from edge.problems import ProblemError
from edge.state import Edge
from edge.trace import Trace
from edge.web.parameters import Parameters, read_parameters

MOST_BYTES = 64 * 1024  # contract, section 4

_FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Visit:
    """The state of one request. `deadline` is in `time.monotonic` seconds.

    `base` is the server's address without a path: the issuer. `address` is the
    client's network address, `entry` the request's part of the edge's load. The gates
    set the attributes without a default.
    """

    request: Request
    base: str
    trace: Trace
    deadline: float
    address: str
    path_values: Mapping[str, str]
    entry: Entry
    parameters: Parameters = field(init=False)
    body: Any = field(init=False)

    def header(self, name: str) -> list[str]:
        """All values of a request header."""
        values: list[str] = self.request.headers.getall(name, [])
        return values

    def metadata(self, session: str = "") -> list[tuple[str, str]]:
        """The metadata of a call to the services, for a user or without one."""
        pairs = [("traceparent", self.trace.traceparent)]
        if session:
            pairs.append(("authorization", f"Session {session}"))
            pairs.append(("x-client-address", self.address[:64]))
        return pairs


Gate = Callable[[Edge, Visit], Awaitable[None]]


def limited(kind: str) -> Gate:
    """429: the address has a request of `kind` left, a field of `AddressLimits`."""

    async def check_address(edge: Edge, visit: Visit) -> None:
        limit: Limit = getattr(edge.settings.address_limits, kind)
        budget = budget_of(kind, visit.address)
        if seconds := await edge.limiter.pace(budget, limit):
            raise too_many(edge, seconds)

    return check_address


def budget_of(kind: str, address: str) -> str:
    """The name of an address's budget."""
    return f"{kind} {network_of(address)}"


def too_many(edge: Edge, seconds: int) -> ProblemError:
    """A 429 with the seconds after which a request is allowed again; it is counted."""
    if edge.watch.figures is not None:
        edge.watch.figures.refused[ADDRESS] += 1
    detail = "Too many requests came from this address; see Retry-After."
    return ProblemError("RATE_LIMITED", detail, {"Retry-After": str(seconds)})


async def read_query(edge: Edge, visit: Visit) -> None:
    """400: the query can be read. A body is read and discarded."""
    await read_body(visit.request, MOST_BYTES, visit.deadline, visit.entry)
    visit.parameters = read_parameters(visit.request.raw_url.partition(b"?")[2])


async def read_form(edge: Edge, visit: Visit) -> None:
    """413, 400: the body is a form, each parameter once, and there is no query.

    Secrets in a URL would be written to logs, so a query is refused.
    """
    body = await read_body(visit.request, MOST_BYTES, visit.deadline, visit.entry)
    refuse_query(visit.request.raw_url)
    given = media_type(visit.request.headers)
    if body and given.partition(";")[0].strip().lower() != _FORM:
        raise ProblemError("BAD_REQUEST", f"The body must be sent as {_FORM}.")
    visit.parameters = read_parameters(body)
    if visit.parameters.repeated:
        name = visit.parameters.repeated[0][:100]
        raise ProblemError("BAD_REQUEST", f"The parameter {name!a} is given twice.")


async def read_nothing_yet(edge: Edge, visit: Visit) -> None:
    """Leaves the body to the answer, which reads it piece by piece."""
    visit.parameters = read_parameters(b"")


async def read_nothing(edge: Edge, visit: Visit) -> None:
    """413: a body is read and discarded."""
    await read_body(visit.request, MOST_BYTES, visit.deadline, visit.entry)
