"""Recent requests: failed ones and a sample of the others, found by what is known."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from prospectconnect.iam.v1 import usage_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.usage import routes_by_operation
from edge.account.user import ask
from edge.state import Edge
from edge.web.parameters import Parameters
from edge.web.render import page
from edge.web.visit import Visit

# The number of requests that are shown without `all=1`.
FIRST = 100

# What can be chosen of statuses, and of times in seconds.
STATUSES = (
    "2",
    "4",
    "5",
    "400",
    "401",
    "403",
    "404",
    "409",
    "412",
    "422",
    "500",
    "503",
)
TIMES = MappingProxyType({"3600": "the last hour", "86400": "the last day"})

_MOST_TEXT = 200
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")

Routes = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the query selects; the names are those of its parameters."""

    trace_id: str
    token: str
    path: str
    status: str
    within: str
    failed: bool
    limited: bool

    @property
    def narrows(self) -> bool:
        """Whether it selects by more than the outcome."""
        return bool(self.token or self.path or self.status or self.within)

    def query(self, **other: str) -> str:
        """The query of a page with these filters and others; "" leaves one out."""
        given = {
            "token": self.token,
            "path": self.path,
            "status": self.status,
            "within": self.within,
            "failed": "1" if self.failed else "",
            "limited": "1" if self.limited else "",
            **other,
        }
        return urlencode({name: value for name, value in given.items() if value})


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the requests that the query selects; see `Asked`. `all=1` shows all."""
    given, routes = visit.parameters, routes_by_operation(edge)
    asked = read_asked(given)
    operations = operations_of(routes, asked.path)
    found = pb.SearchRequestsResponse()
    if operations or not asked.path:
        found = await ask(edge, visit, _request(asked, operations))
    apart = asked.limited or asked.trace_id
    kept = [each for each in found.requests if apart or each.noted.status != 429]
    shown = kept if given.get("all") == "1" else kept[:FIRST]
    return page(
        "account/requests",
        who=who,
        here="requests",
        whole_tenant=found.whole_tenant,
        requests=shown,
        more=len(kept) - len(shown),
        asked=asked,
        statuses=STATUSES,
        times=TIMES,
        holders=_holders(found.requests, asked.token),
        routes=routes,
    )


def read_asked(given: Parameters) -> Asked:
    """Reads a query; what cannot be chosen selects nothing."""

    def text(name: str) -> str:
        return given.get(name).strip()[:_MOST_TEXT]

    return Asked(
        trace_id=text("trace_id")[:64],
        token=text("token")[:64],
        path=text("path"),
        status=text("status") if text("status") in STATUSES else "",
        within=text("within") if text("within") in TIMES else "",
        failed=given.get("failed") == "1",
        limited=given.get("limited") == "1",
    )


def operations_of(routes: Routes, text: str) -> list[str]:
    """The operations whose method and path contain a text, or have it as an address.

    `contacts` and `POST /v1/contacts` are parts of one, `/v1/contacts/con_6b08` is an
    address of `/v1/contacts/{id}`.
    """
    if not text:
        return []
    wanted, address = text.lower(), text.partition("?")[0].rpartition(" ")[2]
    return [
        name
        for name, (method, path) in routes.items()
        if wanted in f"{method} {path}".lower() or _is_address(path, address)
    ]


def _is_address(path: str, address: str) -> bool:
    pattern = _PLACEHOLDER.sub("[^/]+", re.escape(path))
    return re.fullmatch(pattern, address) is not None


def _request(asked: Asked, operations: Sequence[str]) -> pb.SearchRequestsRequest:
    return pb.SearchRequestsRequest(
        trace_id=asked.trace_id,
        failed=asked.failed,
        limited=asked.limited,
        holder_id=asked.token,
        operations=operations,
        status=int(asked.status or 0),
        within_seconds=int(asked.within or 0),
    )


def _holders(
    requests: Sequence[pb.RecentRequest], chosen: str
) -> list[tuple[str, str]]:
    """The tokens and apps to choose from: those of the requests, by name."""
    names = {each.holder.id: each.holder.name or each.holder.id for each in requests}
    if chosen:
        names.setdefault(chosen, chosen)
    return sorted(names.items(), key=lambda pair: (pair[1].lower(), pair[0]))
