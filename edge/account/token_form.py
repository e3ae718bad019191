"""The form that makes a personal access token, and the one page with its secret."""

import time
from types import MappingProxyType
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.iam.v1 import own_tokens_pb2 as pb
from prospectconnect.iam.v1.access_pb2 import ResolveCallerRequest
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.presets import PRESETS, preset_scopes
from edge.account.scopes import in_words, is_limited, offers
from edge.account.tokens import listed
from edge.account.user import ask, once
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

# The offered lifetimes of a token, in days.
LIVES = MappingProxyType({"30": 30, "90": 90, "365": 365, "never": 0})
USUAL = "90"

_DAY = 86_400
_MOST_NAME = 100


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form."""
    return await _form(edge, visit, who)


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Makes the token and shows its secret, or shows the form again with its faults."""
    given = visit.parameters
    name, scopes = given.get("name").strip(), _chosen(visit)
    missing = "name" if not name else "scopes" if not scopes else ""
    if missing:
        return await _form(edge, visit, who, missing)
    days = LIVES.get(given.get("lives"), LIVES[USUAL])
    request = pb.CreateOwnTokenRequest(
        once=given.get("once"),
        name=name,
        scopes=scopes,
        expires_at=Timestamp(seconds=int(time.time()) + days * _DAY) if days else None,
        form_token=given.get("form_token"),
        address=visit.address[:64],
    )
    try:
        made = await ask(edge, visit, request)
    except ProblemError as problem:
        if problem.reason == "FORM_INVALID":
            return await listed(edge, visit, who, stale=True)
        if problem.reason == "VALIDATION_FAILED":
            return await _form(edge, visit, who, problem.members["errors"][0].field)
        raise
    return page(
        "account/token_made",
        script="token.js",
        who=who,
        here="tokens",
        made=made,
        can=in_words(made.token.scopes),
        base=visit.base,
        version=edge.contracts.newest.date,
    )


def _chosen(visit: Visit) -> list[str]:
    """The scopes whose boxes were ticked; the services check whether they exist."""
    values = visit.parameters.values.items()
    return [name for name, value in values if value == "on" and "." in name]


async def _form(
    edge: Edge, visit: Visit, who: Session, missing: str = ""
) -> HTTPResponse:
    caller: Any = await ask(edge, visit, ResolveCallerRequest())
    permissions = frozenset(caller.role_permissions)
    lives = visit.parameters.get("lives")
    preset = visit.parameters.get("preset")
    offered = offers(permissions, caller.own_only)
    return page(
        "account/token_new",
        status=400 if missing else 200,
        who=who,
        here="tokens",
        once=once(),
        offers=offered,
        presets=[(key, each.words) for key, each in PRESETS.items()],
        preset=preset if preset in PRESETS else "",
        limited=is_limited(permissions),
        missing=missing.partition("[")[0],
        name=visit.parameters.get("name")[:_MOST_NAME],
        chosen=_chosen(visit) or preset_scopes(preset, offered),
        lives=lives if lives in LIVES else USUAL,
    )
