"""`/senders/verify/{secret}`: the link in a mail that verifies a sender's address.

A GET shows what is verified and changes nothing: programs that look for viruses follow
every link of a mail. The page's button, a POST, verifies. The link is the only secret,
so there is no cookie and no form token.
"""

from types import MappingProxyType
from urllib.parse import quote

from prospectconnect.engagement.v1 import sender_links_pb2 as pb
from sanic import HTTPResponse

from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.place import Action, Place
from edge.web.render import page
from edge.web.upstream import ask
from edge.web.visit import Visit, limited, read_form, read_nothing

_MOST_CHARACTERS = 256


async def _show(edge: Edge, visit: Visit) -> HTTPResponse:
    request = pb.ReadSenderLinkRequest(secret=_secret_of(visit))
    return _page(visit, await ask(edge, visit, request))


async def _verify(edge: Edge, visit: Visit) -> HTTPResponse:
    request = pb.OpenSenderLinkRequest(secret=_secret_of(visit))
    return _page(visit, await ask(edge, visit, request))


def _secret_of(visit: Visit) -> str:
    secret = str(visit.path_values["secret"])
    if len(secret) > _MOST_CHARACTERS or not secret.isascii():
        raise ProblemError("NOT_FOUND", "There is no such link.")
    return secret


def _page(visit: Visit, told: pb.SenderLink) -> HTTPResponse:
    its = quote(_secret_of(visit), safe="")
    place = addresses.VERIFY_SENDER.replace("<secret>", its)
    return page("pages/sender_link", told=told, place=place)


def _refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    """The page that says why a link did nothing, for somebody who reads a mail."""
    status = problem.kind.status
    kinds = {404: "gone", 429: "often"}
    answer = page(
        "pages/no_sender_link",
        status=status,
        kind=kinds.get(status, "fault" if status >= 500 else "wrong"),
        trace_id=visit.trace.trace_id,
    )
    answer.headers.update(problem.headers)
    return answer


_SHOW = Action(_show, (limited("pages"), read_nothing))
PLACE = Place(
    addresses.VERIFY_SENDER,
    MappingProxyType(
        {
            "GET": _SHOW,
            "HEAD": _SHOW,
            "POST": Action(_verify, (limited("pages"), read_form)),
        }
    ),
    _refuse,
    cross_origin=False,
)
