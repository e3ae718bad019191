"""Personal access tokens: made, listed and revoked; kept only as their hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import tokens_pb2 as pb
from prospectconnect.iam.v1 import tokens_pb2_grpc
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_PAT
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.bearer import new_secret, read_secret
from services.caller import Caller, current_call
from services.clock import SECOND, from_timestamp, now, to_timestamp
from services.database import Database
from services.errors import NotFound, ScopeDenied, ServiceError, ValidationFailed
from services.faults import Fault
from services.ids import is_id, new_id
from services.roles import SCOPES, scope_permissions
from services.tenants import business_of, user_of

DEFAULT_LIMIT = (100, 10)
MOST_LISTED = 1_000

_MICROSECOND = timedelta(microseconds=1)

_INSERT = """
INSERT INTO tokens (business_id, hash, id, user_id, kind, scopes, limit_requests,
  limit_seconds, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_LIST = f"""
SELECT id, scopes, created_at, expires_at FROM tokens
WHERE business_id = $1 AND user_id = $2 AND kind = $3 AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > $4)
ORDER BY created_at DESC, id DESC LIMIT {MOST_LISTED}
"""
_REVOKE_OWN = """
UPDATE tokens SET revoked_at = $4
WHERE business_id = $1 AND user_id = $2 AND id = $3 AND revoked_at IS NULL
"""
_REVOKE = """
UPDATE tokens SET revoked_at = coalesce(revoked_at, $3)
WHERE business_id = $1 AND hash = $2
"""


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token shall be. `expires_at` is a moment, None for never."""

    scopes: Sequence[str]
    expires_at: int | None
    limit: tuple[int, int] = DEFAULT_LIMIT


class TokenService(tokens_pb2_grpc.TokenServiceServicer):
    """The methods of `TokenService`; what they promise stands in the proto."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListTokens(self, request: pb.ListTokensRequest, _: Any) -> Any:
        caller = current_call().caller
        rows = await self._database.rows(
            _LIST, caller.business_id, caller.user_id, TOKEN_KIND_PAT, now()
        )
        return pb.ListTokensResponse(tokens=[_token(*row) for row in rows])

    async def CreateToken(self, request: pb.CreateTokenRequest, _: Any) -> Any:
        caller = current_call().caller
        _check_scopes(request.scopes)
        for permission in sorted(scope_permissions(request.scopes)):
            if permission not in caller.scope_permissions:
                message = f"The calling token does not grant {permission} itself."
                raise ScopeDenied(message, permission)
        wanted = NewToken(
            scopes=sorted(set(request.scopes)),
            expires_at=_end(request, caller),
            limit=caller.token_limit,
        )
        token, secret = await _insert(
            self._database, caller.business_id, caller.user_id, wanted
        )
        return pb.CreateTokenResponse(token=token, secret=secret)

    async def RevokeToken(self, request: pb.RevokeTokenRequest, _: Any) -> Empty:
        caller = current_call().caller
        if not is_id("pat_", request.id):
            raise NotFound
        done = await self._database.run(
            _REVOKE_OWN, caller.business_id, caller.user_id, request.id, now()
        )
        if done == "UPDATE 0":
            raise NotFound
        return Empty()


async def issue_token(
    database: Database,
    tenant_name: str,
    user_email: str,
    scopes: Sequence[str],
    expires_in: timedelta | None = None,
    rate_limit: tuple[int, int] | None = None,
) -> str:
    """Makes a token for a tenant's user and returns its secret (administration)."""
    _check_scopes(scopes)
    business_id = await business_of(database, tenant_name)
    user_id = await user_of(database, business_id, user_email)
    ends = None if expires_in is None else now() + int(expires_in / _MICROSECOND)
    wanted = NewToken(sorted(set(scopes)), ends, rate_limit or DEFAULT_LIMIT)
    _, secret = await _insert(database, business_id, user_id, wanted)
    return secret


async def revoke_token(database: Database, token: str) -> None:
    """Revokes the token with a secret; every process refuses it within a second."""
    secret = read_secret(token)
    if secret is None:
        raise ServiceError("That is no token of ours: its form or checksum is wrong.")
    done = await database.run(_REVOKE, secret.business_id, secret.hash, now())
    if done == "UPDATE 0":
        raise NotFound("There is no such token.")


async def _insert(
    database: Database, business_id: str, user_id: str, wanted: NewToken
) -> tuple[pb.Token, str]:
    text = new_secret(business_id)
    secret = read_secret(text)
    assert secret is not None  # noqa: S101 - it was made a line above
    token_id, moment = new_id("pat_"), now()
    await database.run(
        _INSERT,
        business_id,
        secret.hash,
        token_id,
        user_id,
        TOKEN_KIND_PAT,
        list(wanted.scopes),
        *wanted.limit,
        moment,
        wanted.expires_at,
    )
    return _token(token_id, wanted.scopes, moment, wanted.expires_at), text


def _token(
    token_id: str, scopes: Sequence[str], created_at: int, expires_at: int | None
) -> pb.Token:
    token = pb.Token(id=token_id, scopes=scopes, created_at=to_timestamp(created_at))
    if expires_at is not None:
        token.expires_at.CopyFrom(to_timestamp(expires_at))
    return token


def _check_scopes(scopes: Sequence[str]) -> None:
    faults = [
        Fault(
            f"scopes[{index}]",
            FaultCode.FAULT_CODE_INVALID_CHOICE,
            f"There is no scope {scope[:64]!r}.",
        )
        for index, scope in enumerate(scopes)
        if scope not in SCOPES
    ]
    if not scopes:
        message = "Give at least one scope."
        faults.append(Fault("scopes", FaultCode.FAULT_CODE_REQUIRED, message))
    if faults:
        raise ValidationFailed(faults)


def _end(request: pb.CreateTokenRequest, caller: Caller) -> int | None:
    """When the new token ends: as asked, but never after the calling one."""
    asked = (
        from_timestamp(request.expires_at) if request.HasField("expires_at") else None
    )
    if asked is not None and asked <= now() + SECOND:
        message = "Give a time to come."
        fault = Fault("expires_at", FaultCode.FAULT_CODE_TOO_SMALL, message)
        raise ValidationFailed([fault])
    ends = [each for each in (asked, caller.expires_at) if each is not None]
    return min(ends, default=None)
