"""The token endpoint, revocation (RFC 7009) and introspection (RFC 7662).

An app authenticates first. `redemptions.py` then creates its tokens.
"""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import token_endpoint_pb2 as pb
from prospectconnect.iam.v1 import token_endpoint_pb2_grpc
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_OAUTH
from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError

from services.clock import now, to_timestamp
from services.iam import audit
from services.iam.bearer import ACCESS, CODE, REFRESH, Secret, read_secret
from services.iam.oauth.app_scopes import read_scopes
from services.iam.oauth.authorizations import check_resources
from services.iam.oauth.clients import Client, prove_client
from services.iam.oauth.errors import OauthRefused
from services.iam.oauth.redemptions import Asking, Issued, Redemptions
from services.iam.oauth.redirects import MOST_CHARACTERS
from services.postgres.database import Database
from services.settings import OauthSettings

_REDIRECT = re.compile(rf"[!-~]{{0,{MOST_CHARACTERS}}}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")

_REVOKE_ACCESS_TOKEN = f"""
WITH ended AS (
  DELETE FROM tokens WHERE business_id = $1 AND hash = $2 AND client_id = $7
    AND kind = {TOKEN_KIND_OAUTH}
  RETURNING user_id
)
{audit.beside("ended", "'access_token_revoked'", "user_id", "$7", 3)}
"""
_REVOKE_REFRESH_TOKEN = f"""
WITH known AS (
  SELECT authorization_id FROM refresh_tokens WHERE business_id = $1 AND hash = $2
  UNION ALL
  SELECT authorization_id FROM spent_secrets WHERE business_id = $1 AND hash = $2
), ended AS (
  DELETE FROM authorizations AS a USING known
  WHERE a.business_id = $1 AND a.id = known.authorization_id AND a.client_id = $7
  RETURNING a.user_id
)
{audit.beside("ended", "'authorization_revoked_by_app'", "user_id", "$7", 3)}
"""
_OWNER = """
SELECT client_id FROM tokens WHERE business_id = $1 AND hash = $2
UNION ALL
SELECT a.client_id FROM refresh_tokens AS r
JOIN authorizations AS a
  ON a.business_id = r.business_id AND a.id = r.authorization_id
WHERE r.business_id = $1 AND r.hash = $2
"""
_OF_ACCESS = """
SELECT t.scopes, t.created_at, t.expires_at, u.id, u.email, a.resources
FROM tokens AS t
JOIN users AS u ON u.business_id = t.business_id AND u.id = t.user_id
JOIN authorizations AS a
  ON a.business_id = t.business_id AND a.id = t.authorization_id
WHERE t.business_id = $1 AND t.hash = $2 AND t.client_id = $3 AND t.expires_at > $4
  AND t.revoked_at IS NULL AND u.active AND u.deleted_at IS NULL
"""
_OF_REFRESH = """
SELECT a.scopes, r.created_at, r.expires_at, u.id, u.email, a.resources
FROM refresh_tokens AS r
JOIN authorizations AS a
  ON a.business_id = r.business_id AND a.id = r.authorization_id
JOIN users AS u ON u.business_id = a.business_id AND u.id = a.user_id
WHERE r.business_id = $1 AND r.hash = $2 AND a.client_id = $3 AND r.expires_at > $4
  AND u.active AND u.deleted_at IS NULL
"""


class TokenEndpointService(token_endpoint_pb2_grpc.TokenEndpointServiceServicer):
    """The methods of `TokenEndpointService`, as the proto describes them."""

    def __init__(self, database: Database, settings: OauthSettings) -> None:
        self._database = database
        self._redemptions = Redemptions(database, settings)

    async def ExchangeCode(self, request: pb.ExchangeCodeRequest, _: Any) -> Any:
        client = await self._proven(request)
        if not request.code or not _VERIFIER.fullmatch(request.code_verifier):
            raise _invalid_request("code or code_verifier is missing or malformed.")
        if not _REDIRECT.fullmatch(request.redirect_uri):
            raise _invalid_request("redirect_uri is malformed.")
        check_resources(request.resources)
        code = _read(request.code, CODE)
        issued = await self._redemptions.code(
            code,
            Asking(client, request.resources, request.address),
            _challenge(request.code_verifier),
            request.redirect_uri,
        )
        return _answer(issued)

    async def ExchangeRefreshToken(
        self, request: pb.ExchangeRefreshTokenRequest, _: Any
    ) -> pb.IssuedTokens:
        client = await self._proven(request)
        if not client.refreshes:
            error = OauthError.OAUTH_ERROR_UNAUTHORIZED_CLIENT
            raise OauthRefused(error, "The app did not register for refresh_token.")
        if not request.refresh_token:
            raise _invalid_request("refresh_token is missing.")
        scopes = read_scopes(request.scope)
        if scopes is None:
            error = OauthError.OAUTH_ERROR_INVALID_SCOPE
            raise OauthRefused(error, "A scope is unknown or not for apps.")
        check_resources(request.resources)
        token = _read(request.refresh_token, REFRESH)
        asking = Asking(client, request.resources, request.address)
        return _answer(await self._redemptions.refresh_token(token, asking, scopes))

    async def RevokeIssuedToken(
        self, request: pb.RevokeIssuedTokenRequest, _: Any
    ) -> Empty:
        client = await self._proven(request)
        if not request.token:
            raise _invalid_request("token is missing.")
        token = read_secret(request.token, ACCESS, REFRESH)
        if token is None:
            return Empty()
        is_access = request.token.startswith(ACCESS)
        sql = _REVOKE_ACCESS_TOKEN if is_access else _REVOKE_REFRESH_TOKEN
        told = audit.beside_values(request.address)
        values = token.business_id, token.hash, *told, client.id
        if await self._database.run(sql, *values) == "INSERT 0 0":
            owner = await self._database.row(_OWNER, token.business_id, token.hash)
            if owner is not None and owner[0] != client.id:
                raise _invalid_grant("The token is another app's.")
        return Empty()

    async def IntrospectIssuedToken(
        self, request: pb.IntrospectIssuedTokenRequest, _: Any
    ) -> pb.Introspection:
        client = await self._proven(request)
        if client.secret_hash is None:
            error = OauthError.OAUTH_ERROR_INVALID_CLIENT
            raise OauthRefused(error, "Introspection takes an app with a secret.")
        if not request.token:
            raise _invalid_request("token is missing.")
        token = read_secret(request.token, ACCESS, REFRESH)
        if token is None:
            return pb.Introspection()
        is_access = request.token.startswith(ACCESS)
        return await self._introspection(client, token, is_access)

    async def _proven(self, request: Any) -> Client:
        return await prove_client(self._database, request.client, request.address)

    async def _introspection(
        self, client: Client, token: Secret, is_access: bool
    ) -> pb.Introspection:
        sql = _OF_ACCESS if is_access else _OF_REFRESH
        values = token.business_id, token.hash, client.id, now()
        row = await self._database.row(sql, *values)
        if row is None:
            return pb.Introspection()
        return pb.Introspection(
            active=True,
            scope=" ".join(row[0]),
            client_id=client.id,
            token_type="Bearer" if is_access else "refresh_token",
            issued_at=to_timestamp(row[1]),
            expires_at=to_timestamp(row[2]),
            user_id=row[3],
            username=row[4],
            business_id=token.business_id,
            resources=row[5],
        )


def _read(text: str, prefix: str) -> Secret:
    secret = read_secret(text, prefix)
    if secret is None:
        raise _invalid_grant("That is no code or token of this server.")
    return secret


def _challenge(verifier: str) -> str:
    """Returns the S256 challenge of a verifier (RFC 7636, section 4.6)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _answer(issued: Issued) -> pb.IssuedTokens:
    return pb.IssuedTokens(
        access_token=issued.access_token,
        expires_in=issued.seconds,
        refresh_token=issued.refresh_token,
        scope=" ".join(issued.scopes),
    )


def _invalid_request(message: str) -> OauthRefused:
    return OauthRefused(OauthError.OAUTH_ERROR_INVALID_REQUEST, message)


def _invalid_grant(message: str) -> OauthRefused:
    return OauthRefused(OauthError.OAUTH_ERROR_INVALID_GRANT, message)
