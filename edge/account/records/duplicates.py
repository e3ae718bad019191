"""Duplicates: the groups, what merging one would do, and the merge."""

import re
from urllib.parse import urlencode

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

RESOURCES = ("contacts", "companies")
_ID = re.compile(r"[a-z]+_[0-9a-f]{24}")
_NONE_CHOSEN = "Choose the record that stays, and one or more that become part of it."


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists groups; the query may have `resource` and a `cursor`."""
    given = visit.parameters
    resource = given.get("resource")
    resource = resource if resource in RESOURCES else RESOURCES[0]
    cursor = given.get("cursor")
    request = pb.ListOwnDuplicatesRequest(resource=resource, cursor=cursor)
    return page(
        "records/duplicates",
        who=who,
        here="history",
        resource=resource,
        resources=RESOURCES,
        found=await ask(edge, visit, request),
        cursor=cursor,
    )


async def ask_to_merge(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows what a merge would do. The query is that of the form in `_chosen`."""
    survivor_id, ids = _chosen(visit)
    if not survivor_id or not ids:
        refused = Refused(status=400, detail=_NONE_CHOSEN)
        return _page(visit, who, None, refused)
    request = pb.PreviewOwnMergeRequest(
        form_token=who.form_token, survivor_id=survivor_id, ids=ids
    )
    return _page(visit, who, *await send(edge, visit, request))


async def merge(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Merges the chosen records."""
    survivor_id, ids = _chosen(visit)
    request = pb.MergeOwnRecordsRequest(
        form_token=visit.parameters.get("form_token"), survivor_id=survivor_id, ids=ids
    )
    done, refused = await send(edge, visit, request)
    if done is None:
        return _page(visit, who, None, refused)
    return see_other(f"{addresses.MERGES}?{urlencode({'done': 'merged'})}")


def _chosen(visit: Visit) -> tuple[str, list[str]]:
    """The record that stays, and those that become part of it.

    `stays` names the first. Of the others each id is `on`.
    """
    given = visit.parameters
    survivor_id = given.get("stays")
    on = (name for name, value in given.values.items() if value == "on")
    ids = [each for each in on if _ID.fullmatch(each) and each != survivor_id]
    return survivor_id if _ID.fullmatch(survivor_id) else "", ids


def _page(
    visit: Visit,
    who: Session,
    preview: pb.PreviewOwnMergeResponse | None,
    refused: Refused,
) -> HTTPResponse:
    survivor_id, ids = _chosen(visit)
    return page(
        "records/merge_ask",
        status=refused.status,
        who=who,
        here="history",
        survivor_id=survivor_id,
        ids=ids,
        preview=preview,
        moved=[] if preview is None else counts_in_words(preview.moved),
        refused=refused,
    )
