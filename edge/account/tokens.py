"""A user's personal access tokens: the valid ones, and how to revoke one."""

from prospectconnect.iam.v1 import own_tokens_pb2
from prospectconnect.iam.v1 import tokens_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.scopes import in_words
from edge.account.user import ask, form_fields
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the tokens."""
    return await listed(edge, visit, who, ended=visit.parameters.get("ended") == "1")


async def listed(
    edge: Edge, visit: Visit, who: Session, *, ended: bool = False, stale: bool = False
) -> HTTPResponse:
    """The list, with a notice: a token was revoked, or the form was sent already."""
    found = await ask(edge, visit, pb.ListTokensRequest())
    return page(
        "account/tokens",
        status=409 if stale else 200,
        who=who,
        here="tokens",
        tokens=[(token, in_words(token.scopes)) for token in found.tokens],
        ended=ended,
        stale=stale,
    )


async def ask_to_revoke(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to revoke a token."""
    request = pb.GetTokenRequest(id=visit.path_values["token_id"])
    token = await ask(edge, visit, request)
    return page("account/token_revoke", who=who, here="tokens", token=token)


async def revoke(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Revokes a token; every process refuses it within a second."""
    token_id = visit.path_values["token_id"]
    request = own_tokens_pb2.RevokeOwnTokenRequest(id=token_id, **form_fields(visit))
    await ask(edge, visit, request)
    return see_other(f"{addresses.TOKENS}?ended=1")
