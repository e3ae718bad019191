"""Jobs: the list with the progress of each, and the button that cancels one."""

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.jobs.v1 import own_jobs_pb2 as pb
from sanic import HTTPResponse

from edge.account.files import words
from edge.account.files.answers import live
from edge.account.records.refused import Refused, send
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_NOTHING = Refused()


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the jobs, newest first. While one runs, the page loads itself again."""
    return await _shown(edge, visit, who, _NOTHING)


async def cancel(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Cancels the job of the form."""
    given = visit.parameters
    request = pb.CancelOwnJobRequest(
        form_token=given.get("form_token"), id=given.get("id")
    )
    done, refused = await send(edge, visit, request)
    if done is None:
        return await _shown(edge, visit, who, refused)
    return see_other(f"{addresses.JOBS}?done=cancelled")


async def _shown(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    cursor = "" if refused.detail else visit.parameters.get("cursor")
    found = await ask(edge, visit, pb.ListOwnJobsRequest(cursor=cursor))
    answer = page(
        "files/jobs",
        status=refused.status,
        who=who,
        here="files",
        found=found,
        words=words,
        cursor=cursor,
        refused=refused,
        done=visit.parameters.get("done"),
    )
    return live(answer, any(each.state in words.OPEN for each in found.jobs))
