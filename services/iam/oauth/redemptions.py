"""Exchanges codes and refresh tokens for tokens, each of them once.

One statement deletes the old secret, remembers that it was spent, and creates the new
tokens. If several run at the same time, only one finds the secret. The authorization is
locked first, here and wherever it is ended, so that no token is created for an
authorization that has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_OAUTH
from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError

from services.clock import DAY, SECOND, now
from services.iam import audit
from services.iam.bearer import ACCESS, REFRESH, Secret, hash_of, new_secret
from services.iam.oauth.app_scopes import within
from services.iam.oauth.clients import Client
from services.iam.oauth.errors import OauthRefused
from services.iam.tokens import DEFAULT_LIMIT
from services.ids import new_id
from services.postgres.database import Database, Row
from services.roles import scope_permissions
from services.settings import OauthSettings

# The parameters: $1 tenant, $2 hash of the secret, $3 now, $4 app, $5 resources; $6
# hash, $7 id and $8 end of the access token; $9 hash and $10 end of the refresh token,
# $11 whether there is one; from $12 those of the audit; from $16 what must match.
_HOLDS = """s.business_id = $1 AND s.hash = $2 AND s.expires_at > $3
  AND a.client_id = $4
  AND ($5::text[] = '{}' OR a.resources @> $5 OR a.resources = '{}')
  AND u.active AND u.deleted_at IS NULL"""
_OF_CODE = "s.challenge = $16 AND ($17 = '' OR a.redirect_uri = $17)"
_OF_REFRESH_TOKEN = "a.permissions @> $16::text[]"  # noqa: S105 - SQL

_USED = """, used AS (
  UPDATE apps SET used_at = $3
  WHERE id = $4 AND coalesce(used_at, '-infinity') < $18 AND EXISTS (SELECT FROM taken)
)"""


def _redemption(table: str, fits: str, scopes: str, event: str, more: str = "") -> str:
    return f"""
WITH found AS (
  SELECT s.hash, s.authorization_id, a.user_id, a.scopes
  FROM {table} AS s
  JOIN authorizations AS a
    ON a.business_id = s.business_id AND a.id = s.authorization_id
  JOIN users AS u ON u.business_id = a.business_id AND u.id = a.user_id
  WHERE {_HOLDS} AND {fits}
  FOR KEY SHARE OF a
), taken AS (
  DELETE FROM {table} AS s USING found
  WHERE s.business_id = $1 AND s.hash = found.hash
  RETURNING found.authorization_id, found.user_id, {scopes} AS scopes
), spent AS (
  INSERT INTO spent_secrets (business_id, hash, authorization_id, spent_at)
  SELECT $1, $2, authorization_id, $3 FROM taken
), access AS (
  INSERT INTO tokens (business_id, hash, id, user_id, kind, client_id, scopes,
    limit_requests, limit_seconds, created_at, expires_at, authorization_id)
  SELECT $1, $6::bytea, $7, user_id, {TOKEN_KIND_OAUTH}, $4, scopes,
    {DEFAULT_LIMIT[0]}, {DEFAULT_LIMIT[1]}, $3, $8::timestamptz, authorization_id
  FROM taken
), refresh AS (
  INSERT INTO refresh_tokens (business_id, hash, authorization_id, created_at,
    expires_at)
  SELECT $1, $9::bytea, authorization_id, $3, $10::timestamptz
  FROM taken WHERE $11::boolean
), told AS ({audit.beside("taken", f"'{event}'", "user_id", "$4", 12)}){more}
SELECT scopes FROM taken
"""


REDEEM_CODE = _redemption(
    "authorization_codes", _OF_CODE, "found.scopes", "code_exchanged", _USED
)
REDEEM_REFRESH_TOKEN = _redemption(
    "refresh_tokens",
    _OF_REFRESH_TOKEN,
    "CASE WHEN $17::text[] = '{}' THEN found.scopes ELSE $17 END",
    "refreshed",
)


def _end(known: str, event: str) -> str:
    """Returns SQL that ends the authorization of a secret with all its tokens."""
    return f"""
WITH known AS ({known}), ended AS (
  DELETE FROM authorizations AS a USING known
  WHERE a.business_id = $1 AND a.id = known.authorization_id
  RETURNING a.user_id, a.client_id, a.resources, {event} AS event
), told AS ({audit.beside("ended", "event", "user_id", "client_id", 3)})
SELECT event, resources FROM ended
"""


_SPENT = """
SELECT authorization_id, true AS twice FROM spent_secrets
WHERE business_id = $1 AND hash = $2"""
_UNSPENT_CODE = """
SELECT authorization_id, false AS twice FROM authorization_codes
WHERE business_id = $1 AND hash = $2"""
_END_OF_CODE = _end(
    f"{_SPENT} UNION ALL {_UNSPENT_CODE}",
    "CASE WHEN known.twice THEN 'code_reused' ELSE 'code_refused' END",
)
_END_OF_REFRESH_TOKEN = _end(_SPENT, "'refresh_token_reused'")
_WHY = """
SELECT a.client_id, a.scopes, a.resources, a.user_id, s.expires_at > $3
FROM refresh_tokens AS s
JOIN authorizations AS a
  ON a.business_id = s.business_id AND a.id = s.authorization_id
WHERE s.business_id = $1 AND s.hash = $2
"""


@dataclass(frozen=True, slots=True)
class Issued:
    """New tokens of an app. `refresh_token` is "" if the app gets none."""

    access_token: str
    refresh_token: str
    scopes: Sequence[str]
    seconds: int


@dataclass(frozen=True, slots=True)
class Asking:
    """The app that requests tokens, the resources, and the network address."""

    client: Client
    resources: Sequence[str]
    address: str


class Redemptions:
    """Redeems codes and refresh tokens."""

    def __init__(self, database: Database, settings: OauthSettings) -> None:
        self._database = database
        self._settings = settings

    async def code(
        self, code: Secret, asking: Asking, challenge: str, redirect_uri: str
    ) -> Issued:
        """Redeems a code whose verifier results in `challenge`.

        Raises `OauthRefused`. A code that does not match, or that was used before, ends
        its authorization, with the tokens of the first use.
        """
        used_before = now() - DAY  # noted once a day, as all tenants share the row
        more = challenge, redirect_uri, used_before
        issued = await self._redeem(REDEEM_CODE, code, asking, *more)
        if issued is not None:
            return issued
        ended = await self._end(_END_OF_CODE, code, asking)
        if ended is not None and ended[0] == "code_refused":
            _check_resources(ended[1], asking)
        raise _refused("The code is unknown, used, expired, or not for this request.")

    async def refresh_token(
        self, token: Secret, asking: Asking, scopes: Sequence[str]
    ) -> Issued:
        """Redeems a refresh token for the given scopes, or for all if none is given.

        Raises `OauthRefused`. A refresh token that was used before ends its
        authorization: it or its successor was stolen (RFC 9700, section 4.14.2). A
        request for too many scopes leaves the refresh token valid.
        """
        narrowed = sorted(scope_permissions(scopes)), list(scopes)
        issued = await self._redeem(REDEEM_REFRESH_TOKEN, token, asking, *narrowed)
        if issued is not None:
            return issued
        if await self._end(_END_OF_REFRESH_TOKEN, token, asking) is not None:
            raise _refused(
                "The refresh token was used before. All tokens of its authorization"
                " are revoked; ask the user again."
            )
        raise await self._explain(token, asking, scopes)

    async def _redeem(
        self, sql: str, secret: Secret, asking: Asking, *more: Any
    ) -> Issued | None:
        settings, moment = self._settings, now()
        access = new_secret(secret.business_id, ACCESS)
        refresh = new_secret(secret.business_id, REFRESH)
        row = await self._database.row(
            sql,
            secret.business_id,
            secret.hash,
            moment,
            asking.client.id,
            list(asking.resources),
            hash_of(access),
            new_id("oat_"),
            moment + settings.access_token_seconds * SECOND,
            hash_of(refresh),
            moment + settings.refresh_token_seconds * SECOND,
            asking.client.refreshes,
            *audit.beside_values(asking.address),
            *more,
        )
        if row is None:
            return None
        kept = refresh if asking.client.refreshes else ""
        return Issued(access, kept, row[0], settings.access_token_seconds)

    async def _end(self, sql: str, secret: Secret, asking: Asking) -> Row | None:
        """Ends the authorization of a secret; the audit records which app sent it."""
        told = audit.beside_values(asking.address, sent_by=asking.client.id)
        return await self._database.row(sql, secret.business_id, secret.hash, *told)

    async def _explain(
        self, token: Secret, asking: Asking, scopes: Sequence[str]
    ) -> OauthRefused:
        """Returns why a refresh token was refused: wrong scopes, or unknown."""
        row = await self._database.row(_WHY, token.business_id, token.hash, now())
        if row is not None:
            whose = token.business_id, row[3], asking.client.id, asking.address
            await audit.record(self._database, audit.Event("refresh_refused", *whose))
        if row is None or row[0] != asking.client.id or not row[4]:
            return _refused("The refresh token is unknown, expired, or another app's.")
        if not within(scopes, row[1]):
            error = OauthError.OAUTH_ERROR_INVALID_SCOPE
            return OauthRefused(error, "A scope is more than what was granted.")
        _check_resources(row[2], asking)
        return _refused("The user of the refresh token is no longer active.")


def _check_resources(granted: Sequence[str], asking: Asking) -> None:
    """Refuses resources beyond those granted, if the user granted specific ones."""
    if granted and not set(asking.resources) <= set(granted):
        error = OauthError.OAUTH_ERROR_INVALID_TARGET
        raise OauthRefused(error, "A resource is none of those that were granted.")


def _refused(message: str) -> OauthRefused:
    return OauthRefused(OauthError.OAUTH_ERROR_INVALID_GRANT, message)
