"""Merges: the list, what undoing one would do, and the undoing."""

from dataclasses import replace

from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.records.refused import Refused, send
from edge.account.records.values import counts_in_words
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_NO_SURVIVOR = "The record that stayed is deleted. Restore it first."


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the merges; the query may have a `cursor`."""
    cursor = visit.parameters.get("cursor")
    found, refused = await send(edge, visit, pb.ListOwnMergesRequest(cursor=cursor))
    return page(
        "records/merges",
        status=refused.status,
        who=who,
        here="history",
        found=found,
        refused=refused,
        cursor=cursor,
        done=visit.parameters.get("done"),
    )


async def ask_to_undo(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows what undoing a merge would do, and asks whether to do it."""
    merge_id = visit.path_values["merge_id"]
    request = pb.PreviewOwnUnmergeRequest(form_token=who.form_token, merge_id=merge_id)
    preview, refused = await send(edge, visit, request)
    return await _page(edge, visit, who, preview, refused)


async def undo(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Undoes a merge."""
    request = pb.UndoOwnMergeRequest(
        form_token=visit.parameters.get("form_token"),
        merge_id=visit.path_values["merge_id"],
    )
    done, refused = await send(edge, visit, request)
    if done is None:
        return await _page(edge, visit, who, None, refused)
    return see_other(f"{addresses.MERGES}?done=undone")


async def _page(
    edge: Edge,
    visit: Visit,
    who: Session,
    preview: pb.PreviewOwnUnmergeResponse | None,
    refused: Refused,
) -> HTTPResponse:
    request = pb.GetOwnMergeRequest(id=visit.path_values["merge_id"])
    found = await ask(edge, visit, request)
    if refused.status == 404:  # the merge is there
        refused = replace(refused, status=409, detail=_NO_SURVIVOR)
    return page(
        "records/merge_undo",
        status=refused.status,
        who=who,
        here="history",
        merge=found.found.merge,
        names=found.names,
        preview=preview,
        moved=[] if preview is None else counts_in_words(preview.moved),
        refused=refused,
    )
