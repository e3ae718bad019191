"""Creates, lists and revokes personal access tokens. Only their hash is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import tokens_pb2 as pb
from prospectconnect.iam.v1 import tokens_pb2_grpc
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_PAT

from services.caller import Caller, current_call
from services.clock import real_now, to_timestamp
from services.errors import NotFound, ScopeDenied, ServiceError
from services.iam import audit
from services.iam.audit import OPERATOR
from services.iam.bearer import (
    ACCESS,
    PREFIX,
    TEST,
    hash_of,
    new_secret,
    read_secret,
)
from services.iam.descent import holds, makers_of
from services.iam.tenants import business_of, user_of
from services.iam.token_requests import check_scopes, end_of
from services.ids import is_id, new_id
from services.postgres.database import Database, Transaction
from services.roles import scope_permissions
from services.sealed.cursors import Cursors

DEFAULT_LIMIT = (100, 10)
DEFAULT_PAGE, MOST_LISTED = 25, 1_000

_MICROSECOND = timedelta(microseconds=1)

_INSERT = f"""
WITH made AS (
  INSERT INTO tokens (business_id, hash, id, user_id, kind, scopes, limit_requests,
    limit_seconds, created_at, expires_at, name, makers)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $16) RETURNING user_id
)
{audit.beside("made", "'token_created'", "user_id", "''", 12)}
"""
_OWN = f"""
FROM tokens
WHERE business_id = $1 AND user_id = $2 AND kind = $3
  AND (expires_at IS NULL OR expires_at > $4) AND {holds("tokens")}
"""
_SHOWN = "id, scopes, created_at, expires_at, name, last_used_at"
_GET = f"SELECT {_SHOWN} {_OWN} AND id = $5"
_LIST = f"""
SELECT {_SHOWN} {_OWN}
ORDER BY created_at DESC, id DESC LIMIT $5
"""
_LIST_AFTER = f"""
SELECT {_SHOWN} {_OWN}
  AND (created_at, id) < ($6, $7)
ORDER BY created_at DESC, id DESC LIMIT $5
"""
_COUNT = f"SELECT count(*) {_OWN}"
_REVOKE_OWN = f"""
WITH ended AS (
  UPDATE tokens SET revoked_at = $4
  WHERE business_id = $1 AND user_id = $2 AND id = $3
    AND {holds("tokens")}
  RETURNING id
)
{audit.beside("ended", "'token_revoked'", "$2", "''", 5)}
"""
_ID = "SELECT id FROM tokens WHERE business_id = $1 AND hash = $2"
_IS_SANDBOX = "SELECT sandbox_of IS NOT NULL FROM tenants WHERE business_id = $1"
_REVOKE = f"""
WITH ended AS (
  UPDATE tokens SET revoked_at = coalesce(revoked_at, $3)
  WHERE business_id = $1 AND hash = $2 RETURNING user_id, client_id
)
{audit.beside("ended", "'token_revoked'", "user_id", "client_id", 4)}
"""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to create. `expires_at` is a moment, None for never.

    `id` is the id that a form contained, empty for a new id. `address` is the network
    address of the request. `prefix` is what its secret begins with.
    """

    scopes: Sequence[str]
    expires_at: int | None
    limit: tuple[int, int] = DEFAULT_LIMIT
    name: str | None = None
    id: str = ""
    address: str = ""
    makers: Sequence[str] = ()
    prefix: str = PREFIX


class TokenService(tokens_pb2_grpc.TokenServiceServicer):
    """The methods of `TokenService`, as the proto describes them."""

    def __init__(self, database: Database, cursors: Cursors) -> None:
        self._database = database
        self._cursors = cursors

    async def GetToken(self, request: pb.GetTokenRequest, _: Any) -> pb.Token:
        row = None
        if is_id("pat_", request.id):
            row = await self._database.row(_GET, *_own(), request.id)
        if row is None:
            raise NotFound
        return _token(*row)

    async def SearchTokens(self, request: pb.SearchTokensRequest, _: Any) -> Any:
        caller, limit = current_call().caller, request.limit or DEFAULT_PAGE
        sql, after = _LIST, list[Any]()
        if request.cursor:
            moment, last_id = self._cursors.open(caller, request)
            sql, after = _LIST_AFTER, [int(moment), last_id]
        rows = await self._database.rows(sql, *_own(), limit + 1, *after)
        answer = pb.SearchTokensResponse(data=[_token(*row) for row in rows[:limit]])
        answer.meta.cursor.has_more = len(rows) > limit
        if len(rows) > limit:
            position = (str(rows[limit - 1][2]), rows[limit - 1][0])
            answer.meta.cursor.next = self._cursors.seal(caller, request, position)
        if request.include_total:
            answer.meta.total = (await self._database.rows(_COUNT, *_own()))[0][0]
        return answer

    async def ListTokens(self, request: pb.ListTokensRequest, _: Any) -> Any:
        rows = await self._database.rows(_LIST, *_own(), MOST_LISTED)
        return pb.ListTokensResponse(tokens=[_token(*row) for row in rows])

    async def CreateToken(self, request: pb.CreateTokenRequest, _: Any) -> Any:
        caller = current_call().caller
        check_scopes(request.scopes)
        for permission in sorted(scope_permissions(request.scopes)):
            if permission not in caller.scope_permissions:
                message = f"The calling token does not grant {permission} itself."
                raise ScopeDenied(message, permission)
        wanted = NewToken(
            scopes=sorted(set(request.scopes)),
            expires_at=end_of(request, caller),
            limit=caller.token_limit,
            name=request.name or None,
            makers=makers_of(caller, request.scopes),
            address=current_call().address,
            prefix=prefix_of(caller),
        )
        token, secret = await insert_token(
            self._database, caller.business_id, caller.user_id, wanted
        )
        return _shown(token, secret)

    async def RevokeToken(self, request: pb.RevokeTokenRequest, _: Any) -> Empty:
        call = current_call()
        await revoke_own(self._database, call.caller, request.id, call.address)
        return Empty()


def _own() -> tuple[Any, ...]:
    """Returns the values of `_OWN`, which selects the caller's valid tokens."""
    caller = current_call().caller
    return caller.business_id, caller.user_id, TOKEN_KIND_PAT, real_now()


async def issue_token(  # noqa: PLR0913 - every part of a token
    database: Database,
    tenant_name: str,
    user_email: str,
    scopes: Sequence[str],
    expires_in: timedelta | None = None,
    rate_limit: tuple[int, int] | None = None,
    *,
    name: str | None = None,
) -> str:
    """Creates a token for a user and returns its secret (administration)."""
    check_scopes(scopes)
    business_id = await business_of(database, tenant_name)
    user_id = await user_of(database, business_id, user_email)
    ends = None if expires_in is None else real_now() + int(expires_in / _MICROSECOND)
    row = await database.row(_IS_SANDBOX, business_id)
    wanted = NewToken(
        sorted(set(scopes)),
        ends,
        rate_limit or DEFAULT_LIMIT,
        name,
        address=OPERATOR,
        prefix=TEST if row is not None and row[0] else PREFIX,
    )
    _, secret = await insert_token(database, business_id, user_id, wanted)
    return secret


async def revoke_own(
    database: Database, caller: Caller, token_id: str, address: str = ""
) -> None:
    """Revokes one of the caller's tokens. Raises `NotFound` for other tokens."""
    if not is_id("pat_", token_id):
        raise NotFound
    whose = caller.business_id, caller.user_id, token_id, real_now()
    told = audit.beside_values(address, token_id)
    if await database.run(_REVOKE_OWN, *whose, *told) == "INSERT 0 0":
        raise NotFound


async def revoke_token(database: Database, token: str) -> None:
    """Revokes the token with a secret. It is refused within a second."""
    secret = read_secret(token, PREFIX, ACCESS, TEST)
    if secret is None:
        raise ServiceError("That is no token of ours: its form or checksum is wrong.")
    whose = secret.business_id, secret.hash
    row = await database.row(_ID, *whose)
    if row is None:
        raise NotFound("There is no such token.")
    told = audit.beside_values(OPERATOR, row[0])
    await database.run(_REVOKE, *whose, real_now(), *told)


def prefix_of(caller: Caller) -> str:
    """What the secrets of tokens begin with that a caller makes."""
    return TEST if caller.sandbox else PREFIX


async def insert_token(
    database: Database | Transaction,
    business_id: str,
    user_id: str,
    wanted: NewToken,
) -> tuple[pb.Token, str]:
    """Creates a token and returns it with its secret."""
    text = new_secret(business_id, wanted.prefix)
    token_id, moment = wanted.id or new_id("pat_"), real_now()
    await database.run(
        _INSERT,
        business_id,
        hash_of(text),
        token_id,
        user_id,
        TOKEN_KIND_PAT,
        list(wanted.scopes),
        *wanted.limit,
        moment,
        wanted.expires_at,
        wanted.name,
        *audit.beside_values(wanted.address, token_id),
        list(wanted.makers),
    )
    made = token_id, wanted.scopes, moment, wanted.expires_at, wanted.name
    return _token(*made), text


def _token(
    token_id: str,
    scopes: Sequence[str],
    created_at: int,
    expires_at: int | None,
    name: str | None,
    last_used_at: int | None = None,
) -> pb.Token:
    token = pb.Token(id=token_id, scopes=scopes, created_at=to_timestamp(created_at))
    if expires_at is not None:
        token.expires_at.CopyFrom(to_timestamp(expires_at))
    if name is not None:
        token.name = name
    if last_used_at is not None:
        token.last_used_at.CopyFrom(to_timestamp(last_used_at))
    return token


def _shown(token: pb.Token, secret: str) -> pb.CreateTokenResponse:
    """Returns the only answer with the secret. Over HTTP it looks like the token."""
    return pb.CreateTokenResponse(
        token=token,
        secret=secret,
        id=token.id,
        name=token.name if token.HasField("name") else None,
        scopes=token.scopes,
        created_at=token.created_at,
        expires_at=token.expires_at if token.HasField("expires_at") else None,
    )
