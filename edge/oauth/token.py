"""The endpoints where apps use codes and tokens.

They are `/oauth/token` (RFC 6749, section 3.2), `/oauth/revoke` (RFC 7009) and
`/oauth/introspect` (RFC 7662). The form is checked here, all else in the services.
"""

from prospectconnect.iam.v1 import token_endpoint_pb2 as pb
from sanic import HTTPResponse

from edge.oauth.credentials import credentials
from edge.oauth.refusals import NO_STORE, json_answer, refused
from edge.oauth.resources import check_resources
from edge.state import Edge
from edge.web.upstream import ask
from edge.web.visit import Visit


async def token(edge: Edge, visit: Visit) -> HTTPResponse:
    """Tokens for a code or a refresh token (RFC 6749, sections 4.1.3 and 6)."""
    given, kind = visit.parameters, visit.parameters.get("grant_type")
    if not kind:
        raise refused("invalid_request", "grant_type is missing.")
    if kind not in ("authorization_code", "refresh_token"):
        raise refused("unsupported_grant_type", "There is no such grant_type here.")
    client = credentials(visit)
    check_resources(given.resources, visit.base)
    if kind == "authorization_code":
        return await _exchange_code(edge, visit, client)
    return await _exchange_refresh_token(edge, visit, client)


async def _exchange_code(
    edge: Edge, visit: Visit, client: pb.ClientCredentials
) -> HTTPResponse:
    given = visit.parameters
    request = pb.ExchangeCodeRequest(
        client=client,
        code=given.get("code"),
        redirect_uri=given.get("redirect_uri"),
        code_verifier=given.get("code_verifier"),
        resources=given.resources,
        address=visit.address,
    )
    return json_answer(_tokens(await ask(edge, visit, request)))


async def _exchange_refresh_token(
    edge: Edge, visit: Visit, client: pb.ClientCredentials
) -> HTTPResponse:
    given = visit.parameters
    request = pb.ExchangeRefreshTokenRequest(
        client=client,
        refresh_token=given.get("refresh_token"),
        scope=given.get("scope"),
        resources=given.resources,
        address=visit.address,
    )
    issued = await ask(edge, visit, request)
    return json_answer(_tokens(issued))


def _tokens(issued: pb.IssuedTokens) -> dict[str, object]:
    """A success (RFC 6749, section 5.1); `scope` contains what was granted."""
    document: dict[str, object] = {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope,
    }
    if issued.refresh_token:
        document["refresh_token"] = issued.refresh_token
    return document


async def revoke(edge: Edge, visit: Visit) -> HTTPResponse:
    """Revokes a token. An unknown one is a 200, too (RFC 7009, section 2.2)."""
    request = pb.RevokeIssuedTokenRequest(
        client=credentials(visit),
        token=visit.parameters.get("token"),
        address=visit.address,
    )
    await ask(edge, visit, request)
    return HTTPResponse(b"", 200, dict(NO_STORE))


async def introspect(edge: Edge, visit: Visit) -> HTTPResponse:
    """Describes a token to the app that it was issued to (RFC 7662).

    Any other token is reported as inactive.
    """
    request = pb.IntrospectIssuedTokenRequest(
        client=credentials(visit),
        token=visit.parameters.get("token"),
        address=visit.address,
    )
    told: pb.Introspection = await ask(edge, visit, request)
    if not told.active:
        return json_answer({"active": False})
    document: dict[str, object] = {
        "active": True,
        "scope": told.scope,
        "client_id": told.client_id,
        "token_type": told.token_type,
        "exp": told.expires_at.seconds,
        "iat": told.issued_at.seconds,
        "sub": told.user_id,
        "username": told.username,
        "business_id": told.business_id,
        "iss": visit.base,
    }
    if told.resources:
        document["aud"] = list(told.resources)
    return json_answer(document)
