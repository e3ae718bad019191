"""Turns a bearer token into the caller behind it.

A caller is cached for a fraction of a second under the hash of the token. The time
counts from before the look-up, so that a revoked token is refused everywhere within one
second.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from prospectconnect.iam.v1 import access_pb2, access_pb2_grpc
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_PAT
from prospectconnect.iam.v1.users_pb2 import User

from services import roles
from services.caller import Caller, current_call
from services.clock import real_now, to_timestamp
from services.errors import TokenInvalid
from services.iam.bearer import (
    ACCESS,
    CALENDAR,
    PREFIX,
    SESSION,
    TEST,
    Secret,
    hash_of,
    read_secret,
)
from services.iam.descent import holds
from services.iam.last_used import Uses
from services.iam.live_users import stays
from services.iam.tenants import PART_OF_LIMIT
from services.postgres.database import Database, Row
from services.records.engine import Records
from services.sealed.receipts import Receipts

MOST_REMEMBERED = 10_000

_RESOLVE = f"""
SELECT n.name, n.currency, t.user_id, u.role, t.id, t.kind, t.client_id, t.scopes,
  g.grants, t.limit_requests, t.limit_seconds,
  CASE WHEN l.business_id IS NULL THEN n.limit_requests
    ELSE greatest(1, l.limit_requests / {PART_OF_LIMIT}) END,
  coalesce(l.limit_seconds, n.limit_seconds),
  t.expires_at, t.makers, n.schema_generation, n.has_merges, n.sandbox_of,
  n.clock_ahead, n.resets, n.resetting_since IS NOT NULL
FROM tokens AS t
JOIN users AS u ON u.business_id = t.business_id AND u.id = t.user_id
JOIN roles AS g ON g.business_id = u.business_id AND g.name = u.role
JOIN tenants AS n ON n.business_id = t.business_id
LEFT JOIN tenants AS l ON l.business_id = n.sandbox_of
WHERE t.business_id = $1 AND t.hash = $2 AND {holds("t")}
  AND u.active AND u.deleted_at IS NULL AND {stays()}
"""

# Which of many tokens hold. Values: their tenants, their hashes.
_HOLD = f"""
SELECT a.number::int FROM ROWS FROM (unnest($1::text[]), unnest($2::bytea[]))
  WITH ORDINALITY AS a (business_id, hash, number)
JOIN tokens AS t ON t.business_id = a.business_id AND t.hash = a.hash
JOIN users AS u ON u.business_id = t.business_id AND u.id = t.user_id
JOIN tenants AS n ON n.business_id = t.business_id
WHERE {holds("t", "a.business_id")} AND u.active AND u.deleted_at IS NULL
  AND {stays()} AND (t.expires_at IS NULL OR t.expires_at > now())
"""

# The kinds of secrets for each scheme. A session is not a bearer token, so that a
# leaked browser cookie gives no access to `/v1`; nor is the secret of a calendar.
_SCHEMES = {
    "bearer": (PREFIX, ACCESS, TEST),
    "session": (SESSION,),
    "calendar": (CALENDAR,),
}

_EVERY = tuple(prefix for prefixes in _SCHEMES.values() for prefix in prefixes)

_MISSING = "The call needs a token in its metadata: authorization: Bearer TOKEN."
_REFUSED = "The token is malformed, unknown, expired or revoked."


class Access:
    """Resolves tokens. One for each process. Concurrent calls share a look-up."""

    def __init__(
        self, database: Database, remember_seconds: float, uses: Uses | None = None
    ) -> None:
        self._database = database
        self._remember = remember_seconds
        self._uses = uses
        self._known: OrderedDict[bytes, _Look] = OrderedDict()

    def known(self, authorization: str) -> Caller | None:
        """The cached caller of `Bearer TOKEN`, `Session SECRET` or `Calendar SECRET`.

        None if it is not cached; `caller` looks it up.
        """
        look = self._known.get(hash_of(authorization))
        if look is None or look.caller is None or time.monotonic() >= look.ends:
            return None
        return None if _has_ended(look.caller) else look.caller

    async def caller(self, authorization: str) -> Caller:
        """Returns the caller of `Bearer TOKEN`, `Session SECRET` or `Calendar SECRET`.

        Raises `TokenInvalid` if the token is not valid.
        """
        if not authorization:
            raise TokenInvalid(_MISSING)
        scheme, _, text = authorization.partition(" ")
        token = text.strip()
        if not token.startswith(_SCHEMES.get(scheme.lower(), ())):
            raise TokenInvalid(_REFUSED)
        found = await self._looked_up(hash_of(authorization), token)
        if found is None or _has_ended(found):
            raise TokenInvalid(_REFUSED)
        return found

    async def refused(self, authorizations: Sequence[str]) -> list[int]:
        """The indexes of those that are not valid any more, by one statement."""
        given = [each.partition(" ")[2] for each in authorizations]
        read = [read_secret(each, PREFIX, ACCESS, TEST) for each in given]
        secrets = [each for each in read if each is not None]
        tenants = [each.business_id for each in secrets]
        hashes = [each.hash for each in secrets]
        rows = await self._database.rows(_HOLD, tenants, hashes)
        holding = {secrets[row[0] - 1].hash for row in rows}
        return [n for n, e in enumerate(read) if e is None or e.hash not in holding]

    async def _looked_up(self, key: bytes, token: str) -> Caller | None:
        """Looks a caller up. Calls at the same time share one look-up."""
        moment = time.monotonic()
        look = self._known.get(key)
        if look is None or moment >= look.ends:
            secret = read_secret(token, *_EVERY)
            if secret is None:
                return None
            task = asyncio.create_task(self._look_up(secret))
            look = self._known[key] = _Look(moment + self._remember, task)
            self._known.move_to_end(key)
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        try:
            look.caller = await asyncio.shield(look.task)
        except Exception:
            self._known.pop(key, None)
            raise
        if look.caller is not None and look.caller.is_resetting:
            self._known.pop(key, None)  # it is ready soon
        return look.caller

    async def _look_up(self, secret: Secret) -> Caller | None:
        row = await self._database.row(_RESOLVE, secret.business_id, secret.hash)
        if row is None:
            return None
        caller = caller_of(secret.business_id, row)
        if self._uses is not None and caller.token_kind == TOKEN_KIND_PAT:
            self._uses.note(caller.business_id, caller.token_id)
        return caller


@dataclass(slots=True)
class _Look:
    """A look-up in the database: its result, and how long it is valid."""

    ends: float
    task: "asyncio.Task[Caller | None]"
    caller: Caller | None = None


@lru_cache(maxsize=4096)
def _shared(permissions: frozenset[str]) -> frozenset[str]:
    """Returns one object for equal sets, which makes comparisons of callers fast."""
    return permissions


def _has_ended(caller: Caller) -> bool:
    return caller.expires_at is not None and caller.expires_at <= real_now()


def caller_of(business_id: str, row: Row) -> Caller:
    grants: Mapping[str, Any] = row[8]
    granted = roles.role_permissions(row[3], grants)
    if row[17]:
        granted -= roles.OF_LIVE_TENANTS
    return Caller(
        business_id=business_id,
        business_name=row[0],
        currency=row[1],
        user_id=row[2],
        role=row[3],
        token_id=row[4],
        token_kind=row[5],
        client_id=row[6],
        scopes=tuple(sorted(row[7])),
        scope_permissions=roles.scope_permissions(row[7]),
        role_permissions=_shared(granted),
        own_only=_shared(roles.own_only(row[3], grants)),
        token_limit=(row[9], row[10]),
        tenant_limit=(row[11], row[12]),
        expires_at=row[13],
        makers=tuple(row[14]),
        schema_generation=row[15],
        has_merges=row[16],
        sandbox=row[17] is not None,
        sandbox_of=row[17] or "",
        clock_ahead=row[18],
        resets=row[19],
        is_resetting=row[20],
    )


class AccessService(access_pb2_grpc.AccessServiceServicer):
    """The methods that tell callers, and the edge, who a caller is."""

    def __init__(self, users: Records[User], receipts: Receipts) -> None:
        self._users = users
        self._receipts = receipts

    async def GetMe(self, request: access_pb2.GetMeRequest, context: Any) -> Any:
        caller = current_call().caller
        me = access_pb2.Me(
            business=access_pb2.Business(
                id=caller.business_id, name=caller.business_name
            ),
            user=await self._users.get(caller, caller.user_id),
            role=caller.role,
            token=access_pb2.TokenInfo(
                id=caller.token_id,
                kind=caller.token_kind,  # type: ignore[arg-type]  # a number
                client_id=caller.client_id or None,
                scopes=roles.scopes_within(caller.scopes, sandbox=caller.sandbox),
            ),
            permissions=sorted(caller.scope_permissions & caller.role_permissions),
            visibility={
                resource: "own" if resource in caller.own_only else "all"
                for resource in roles.RESOURCES
            },
            rate_limit=_limit(caller.token_limit),
            sandbox=caller.sandbox or None,
        )
        if caller.expires_at is not None:
            me.token.expires_at.CopyFrom(to_timestamp(caller.expires_at))
        return me

    async def ResolveCaller(
        self, request: access_pb2.ResolveCallerRequest, context: Any
    ) -> access_pb2.Caller:
        caller = current_call().caller
        resolved = access_pb2.Caller(
            business_id=caller.business_id,
            user_id=caller.user_id,
            token_id=caller.token_id,
            client_id=caller.client_id,
            scope_permissions=sorted(caller.scope_permissions),
            role_permissions=sorted(caller.role_permissions),
            own_only=sorted(caller.own_only),
            token_limit=_limit(caller.token_limit),
            tenant_limit=_limit(caller.tenant_limit),
            usage_receipt=self._receipts.seal(caller),
            sandbox=caller.sandbox,
            sandbox_of=caller.sandbox_of,
        )
        if caller.expires_at is not None:
            resolved.expires_at.CopyFrom(to_timestamp(caller.expires_at))
        return resolved


def _limit(budget: tuple[int, int]) -> access_pb2.RateLimit:
    return access_pb2.RateLimit(limit=budget[0], window_seconds=budget[1])
