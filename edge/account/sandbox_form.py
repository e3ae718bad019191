"""The form that makes a sandbox, and the one page with its token."""

from prospectconnect.iam.v1 import own_sandboxes_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account import sandbox_words as words
from edge.account.records.refused import Refused, send
from edge.account.user import ask
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

_MOST = 100
_FIELDS = ("name", "copy", "sample", "seed", "expires_in_days")


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form. Refuses who may make none."""
    found = await ask(edge, visit, pb.ListOwnSandboxesRequest())
    if not found.may_write:
        raise ProblemError("ROLE_DENIED", "Your role may make no sandboxes.")
    return _form(visit, who, Refused())


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Makes the sandbox and shows its token, or shows the form with its faults."""
    asked = words.described(visit)
    if asked.faults:
        return _form(visit, who, Refused(400, "", asked.faults))
    request = pb.CreateOwnSandboxRequest(
        form_token=visit.parameters.get("form_token"), sandbox=asked.request
    )
    made, refused = await send(edge, visit, request)
    if made is None:
        return _form(visit, who, refused)
    return page(
        "sandboxes/made",
        script="token.js",
        who=who,
        here="sandboxes",
        sandbox=made.sandbox,
        token=made.token,
        base=visit.base,
        version=edge.contracts.newest.date,
    )


def _form(visit: Visit, who: Session, refused: Refused) -> HTTPResponse:
    faults = {
        each.field.removeprefix("sandbox."): each.message for each in refused.faults
    }
    return page(
        "sandboxes/new",
        status=refused.status,
        who=who,
        here="sandboxes",
        copies=words.COPIES,
        refused=refused,
        faults=faults,
        given={name: visit.parameters.get(name)[:_MOST] for name in _FIELDS},
    )
