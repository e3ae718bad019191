"""`/unsubscribe/{link}`: the link in a mail of a topic, by which its reader ends it.

A GET shows what can be ended and changes nothing: programs that look for viruses follow
every link of a mail. A POST of a mail program (RFC 8058) or of the page's form ends it
at once. The link is the only secret, so there is no cookie and no form token.
"""

from types import MappingProxyType
from urllib.parse import quote

from prospectconnect.engagement.v1 import subscriptions_pb2 as pb
from sanic import HTTPResponse

from edge.http.http_input import media_type, read_body
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.multipart import Multipart
from edge.web.parameters import read_parameters
from edge.web.place import Action, Place
from edge.web.render import page
from edge.web.upstream import ask
from edge.web.visit import Visit, limited, read_nothing

# One choice is small.
MOST_BYTES = 1024
_MOST_CHARACTERS = 1024

# RFC 8058, section 3.2.
ONE_CLICK = ("List-Unsubscribe", "One-Click")
_FORM, _FILE_FORM = "application/x-www-form-urlencoded", "multipart/form-data"
_TOPIC, _WHAT, _ALL = "topic", "end", "all"


async def read_choice(edge: Edge, visit: Visit) -> None:
    """413, 400: the body is a form of either kind, with texts alone."""
    body = await read_body(visit.request, MOST_BYTES, visit.deadline, visit.entry)
    given = media_type(visit.request.headers)
    kind = given.partition(";")[0].strip().lower()
    if kind == _FILE_FORM:
        visit.body = _fields(given, body)
    elif kind == _FORM or not body:
        visit.body = read_parameters(body).values
    else:
        raise ProblemError("BAD_REQUEST", f"The body must be sent as {_FORM}.")


def _fields(content_type: str, body: bytes) -> dict[str, str]:
    form = Multipart(content_type)
    form.feed(body)
    if form.file_name is not None or not form.has_ended:
        raise ProblemError("BAD_REQUEST", "The form has a file, or is cut off.")
    return form.fields


async def _show(edge: Edge, visit: Visit) -> HTTPResponse:
    request = pb.GetSubscriptionsRequest(link=_link_of(visit))
    return _page(visit, await ask(edge, visit, request))


async def _end(edge: Edge, visit: Visit) -> HTTPResponse:
    name, value = ONE_CLICK
    given, request = visit.body, pb.EndSubscriptionsRequest(link=_link_of(visit))
    if given.get(_WHAT) == _ALL:
        request.all = True
    elif given.get(_TOPIC):
        request.topic_ids.append(given[_TOPIC])
    elif given.get(name) != value:
        raise ProblemError("BAD_REQUEST", f"The form must have `{name}={value}`.")
    answer = await ask(edge, visit, request)
    return _page(visit, answer, *(request.topic_ids or [_linked(answer)]))


def _link_of(visit: Visit) -> str:
    link = str(visit.path_values["link"])
    if len(link) > _MOST_CHARACTERS:
        raise ProblemError("NOT_FOUND", "There is no such link.")
    return link


def _linked(told: pb.Subscriptions) -> str:
    return next((each.topic_id for each in told.topics if each.linked), "")


def _page(
    visit: Visit, told: pb.Subscriptions, ended: str | None = None
) -> HTTPResponse:
    """The page; `ended` is the id of the topic that was ended just now."""
    name = next((each.name for each in told.topics if each.topic_id == ended), "")
    place = addresses.UNSUBSCRIBE.replace("<link>", quote(_link_of(visit), safe=""))
    is_done = ended is not None
    template = "pages/subscriptions"
    return page(template, told=told, place=place, is_done=is_done, ended=name)


def _refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    """The page that says why a link did nothing, for somebody who reads a mail."""
    status = problem.kind.status
    kinds = {404: "gone", 429: "often"}
    answer = page(
        "pages/no_subscriptions",
        status=400 if status in (401, 422) else status,
        kind=kinds.get(status, "fault" if status >= 500 else "wrong"),
        trace_id=visit.trace.trace_id,
    )
    answer.headers.update(problem.headers)
    return answer


_SHOW = Action(_show, (limited("pages"), read_nothing))
# A provider of mailboxes is one address for all of its users.
_END_AT_ONCE = Action(_end, (limited("endpoint_requests"), read_choice))
PLACE = Place(
    addresses.UNSUBSCRIBE,
    MappingProxyType({"GET": _SHOW, "HEAD": _SHOW, "POST": _END_AT_ONCE}),
    _refuse,
    cross_origin=False,
)
