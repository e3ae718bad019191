"""Sandboxes: the list, one of them with its clock and faults, its reset and its end."""

from google.protobuf.message import Message
from prospectconnect.iam.v1 import own_sandboxes_pb2 as pb
from prospectconnect.iam.v1.sandboxes_pb2 import SANDBOX_STATE_READY
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account import sandbox_words as words
from edge.account.files import words as job_words
from edge.account.files.answers import live
from edge.account.records.refused import Refused, send
from edge.account.usage import routes_by_operation
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_NOTHING = Refused()
_MOST = 100
_FIELDS = ("what", "operation", "share", "after", "number", "unit", "at")


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the sandboxes."""
    found = await ask(edge, visit, pb.ListOwnSandboxesRequest())
    answer = page(
        "sandboxes/list",
        who=who,
        here="sandboxes",
        found=found,
        say=words,
        done=visit.parameters.get("done"),
    )
    return live(answer, any(e.state != SANDBOX_STATE_READY for e in found.sandboxes))


async def show_one(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows a sandbox. While its clock moves, the page loads itself again."""
    return await _one(edge, visit, who, _NOTHING)


async def change(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Moves the clock, plants a fault or ends all of them, as the form says."""
    button, sandbox_id = visit.parameters.get("do"), visit.path_values["sandbox_id"]
    token = visit.parameters.get("form_token")
    asked = words.Asked(None)
    request: Message
    if button == "move":
        asked = words.moved(visit, sandbox_id)
        request = pb.MoveOwnSandboxClockRequest(form_token=token, move=asked.request)
    elif button == "plant":
        asked = words.planted(visit, sandbox_id)
        request = pb.PlantOwnSandboxFaultRequest(form_token=token, fault=asked.request)
    elif button == "end":
        request = pb.EndOwnSandboxFaultsRequest(form_token=token, id=sandbox_id)
    else:
        return await _one(edge, visit, who, Refused(400, "There is no such button."))
    if asked.faults:
        return await _one(edge, visit, who, Refused(400, "", asked.faults))
    done, refused = await send(edge, visit, request)
    if done is None:
        return await _one(edge, visit, who, refused)
    return see_other(f"{addresses.SANDBOXES}/{sandbox_id}?done={button}")


async def ask_to_reset(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to reset a sandbox."""
    return await _asked(edge, visit, who, "reset", _NOTHING)


async def reset(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Begins to reset a sandbox."""
    its = _named(visit)
    done, refused = await send(edge, visit, pb.ResetOwnSandboxRequest(**its))
    if done is None:
        return await _asked(edge, visit, who, "reset", refused)
    return see_other(f"{addresses.SANDBOXES}/{its['id']}?done=reset")


async def ask_to_delete(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to delete a sandbox."""
    return await _asked(edge, visit, who, "delete", _NOTHING)


async def delete(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Deletes a sandbox."""
    request = pb.DeleteOwnSandboxRequest(**_named(visit))
    done, refused = await send(edge, visit, request)
    if done is None and refused.status != 404:  # it is gone already
        return await _asked(edge, visit, who, "delete", refused)
    return see_other(f"{addresses.SANDBOXES}?done=deleted")


def _named(visit: Visit) -> dict[str, str]:
    token = visit.parameters.get("form_token")
    return {"form_token": token, "id": visit.path_values["sandbox_id"]}


async def _asked(
    edge: Edge, visit: Visit, who: Session, what: str, refused: Refused
) -> HTTPResponse:
    request = pb.GetOwnSandboxRequest(id=visit.path_values["sandbox_id"])
    found = await ask(edge, visit, request)
    return page(
        f"sandboxes/{what}",
        status=refused.status,
        who=who,
        here="sandboxes",
        sandbox=found.sandbox,
        clock=found.clock,
        refused=refused,
    )


async def _one(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    request = pb.GetOwnSandboxRequest(id=visit.path_values["sandbox_id"])
    found = await ask(edge, visit, request)
    is_busy = found.clock.job_id or found.sandbox.state != SANDBOX_STATE_READY
    stays = refused.status != 200 or visit.parameters.get("stay") == "1"
    faults = {each.field.rpartition(".")[2]: each.message for each in refused.faults}
    answer = page(
        "sandboxes/one",
        status=refused.status,
        who=who,
        here="sandboxes",
        found=found,
        sandbox=found.sandbox,
        say=words,
        words=job_words,
        operations=sorted(routes_by_operation(edge)),
        refused=refused,
        faults=faults,
        given={name: visit.parameters.get(name)[:_MOST] for name in _FIELDS},
        loads=bool(is_busy) and not stays,
        base=visit.base,
        version=edge.contracts.newest.date,
        done=visit.parameters.get("done"),
    )
    return live(answer, bool(is_busy) and not stays)
