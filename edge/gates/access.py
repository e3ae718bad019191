"""Who calls, and may they: the token, scope and role gates.

The caller behind a token is asked of the services and remembered for less than a
second, so that a revocation is seen within one. Tokens are kept only as hashes.
"""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from prospectconnect.iam.v1 import access_pb2

from edge.calls.upstream import UpstreamChannel, call, open_method
from edge.limits.budget_table import Spans
from edge.problems import ProblemError, permission_denied
from edge.trace import Trace
from edge.usage.counts import Tally

RESOLVE_CALLER = "/prospectconnect.iam.v1.AccessService/ResolveCaller"

# RFC 6750, section 2.1. Longer ones would not fit into gRPC metadata.
_BEARER = re.compile(
    r"[ \t]*bearer +([A-Za-z0-9._~+/-]{1,2048}=*)[ \t]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A budget: so many requests in a window, and what follows, in nanoseconds.

    `interval` is how long it takes to earn one request, `burst` all but one. All are
    whole microseconds, which is as fine as the clock of Valkey. `spans` is all three.
    """

    requests: int
    window_seconds: int
    window: int = field(init=False)
    interval: int = field(init=False)
    burst: int = field(init=False)
    spans: Spans = field(init=False)

    def __post_init__(self) -> None:
        window = self.window_seconds * 1_000_000_000
        # Rounded up: never more than the limit.
        interval = -(-self.window_seconds * 1_000_000 // self.requests) * 1_000
        object.__setattr__(self, "window", window)
        object.__setattr__(self, "interval", interval)
        burst = (self.requests - 1) * interval
        object.__setattr__(self, "burst", burst)
        object.__setattr__(self, "spans", (window, interval, burst))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who stands behind a token and what they may do."""

    business_id: str
    user_id: str
    token_id: str
    client_id: str
    scope_permissions: frozenset[str]
    role_permissions: frozenset[str]
    token_limit: Limit
    tenant_limit: Limit
    # When the token ends, in Unix seconds, or None when it does not.
    expires_at: float | None
    tally: Tally = field(default_factory=Tally, compare=False)


def bearer_token(headers: list[str]) -> str:
    """The token of the one `Authorization` header.

    Args:
        headers: The values of all `Authorization` headers.

    Raises:
        ProblemError: TOKEN_MISSING or TOKEN_INVALID.
    """
    found = _BEARER.fullmatch(headers[0]) if len(headers) == 1 else None
    if found is not None:
        return found[1]
    if not any(header[:7].lower() == "bearer " for header in headers):
        detail = "The request needs a token: Authorization: Bearer ..."
        raise ProblemError("TOKEN_MISSING", detail)
    raise ProblemError("TOKEN_INVALID", "The Authorization header is malformed.")


def check_scope(caller: Caller, permission: str | None) -> None:
    """Refuses a token whose scopes lack a permission: SCOPE_DENIED."""
    if permission is not None and permission not in caller.scope_permissions:
        raise permission_denied("SCOPE_DENIED", permission)


def check_role(caller: Caller, permission: str | None) -> None:
    """Refuses a user whose role lacks a permission: ROLE_DENIED."""
    if permission is not None and permission not in caller.role_permissions:
        raise permission_denied("ROLE_DENIED", permission)


def challenge(error: ProblemError, metadata_url: str | None) -> dict[str, str]:
    """The `WWW-Authenticate` header that a problem needs, if it needs one.

    RFC 6750 section 3: no error attribute where no token was sent. RFC 9728
    section 5.1: where the metadata of the protected resource is.
    """
    shown = {"realm": "ProspectConnect"}
    if error.reason == "TOKEN_INVALID":
        shown["error"] = "invalid_token"
    elif error.reason == "SCOPE_DENIED":
        shown["error"] = "insufficient_scope"
        shown["scope"] = error.members["required"]
    elif error.reason != "TOKEN_MISSING":
        return {}
    if metadata_url:
        shown["resource_metadata"] = metadata_url
    pairs = ", ".join(f'{name}="{value}"' for name, value in shown.items())
    return {"WWW-Authenticate": f"Bearer {pairs}"}


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller
    good_until: float


@dataclass(frozen=True, slots=True)
class _Asked:
    answer: asyncio.Task[Caller]
    asked_at: float


class Callers:
    """The callers behind tokens, each remembered for a moment.

    Requests that come with one token at once share one question to the services.
    """

    def __init__(
        self,
        channel: UpstreamChannel,
        seconds: float,
        size: int,
        tally_of: Callable[[bytes], Tally],
    ) -> None:
        self._resolve = open_method(
            channel, RESOLVE_CALLER, access_pb2.ResolveCallerRequest, access_pb2.Caller
        )
        self._seconds = seconds
        self._size = size
        self._tally_of = tally_of
        self._known: dict[bytes, _Known] = {}
        self._asked: dict[bytes, _Asked] = {}

    def known(self, token: str) -> Caller | None:
        """The caller behind a token, where that was asked a moment ago."""
        known = self._known.get(_key(token))
        if known is not None and known.good_until > time.monotonic():
            return known.caller
        return None

    async def behind(self, token: str, trace: Trace, deadline: float) -> Caller:
        """The caller behind a token that is not `known`.

        `deadline` is in `time.monotonic` seconds.

        Raises:
            ProblemError: TOKEN_INVALID, or the services could not answer.
        """
        key, now = _key(token), time.monotonic()
        asked = self._asked.get(key)
        if asked is None or asked.asked_at + self._seconds < now:
            task = asyncio.create_task(self._ask(key, token, trace, deadline))
            asked = self._asked[key] = _Asked(task, now)
            task.add_done_callback(lambda done: self._answered(key, done))
        # Shielded: one client that goes away must not take the others with it.
        return await asyncio.shield(asked.answer)

    async def _ask(
        self, key: bytes, token: str, trace: Trace, deadline: float
    ) -> Caller:
        asked_at = time.monotonic()  # not later: a revocation meanwhile counts
        metadata = [
            ("authorization", f"Bearer {token}"),
            ("traceparent", trace.traceparent),
        ]
        request = access_pb2.ResolveCallerRequest()
        reply = await call(self._resolve, request, metadata, deadline)
        caller = _caller(reply.message, self._tally_of(reply.message.usage_receipt))
        self._remember(key, caller, asked_at)
        return caller

    def _answered(self, key: bytes, task: asyncio.Task[Caller]) -> None:
        asked = self._asked.get(key)
        if asked is not None and asked.answer is task:
            del self._asked[key]
        if not task.cancelled():
            task.exception()  # seen, even when everyone who asked has gone

    def _remember(self, key: bytes, caller: Caller, asked_at: float) -> None:
        seconds = self._seconds
        if caller.expires_at is not None:
            seconds = min(seconds, caller.expires_at - time.time())
        self._known.pop(key, None)
        # Entries lie in the order in which they end, so the first is worth least.
        while len(self._known) >= self._size:
            del self._known[next(iter(self._known))]
        self._known[key] = _Known(caller, asked_at + seconds)


def _key(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _caller(reply: access_pb2.Caller, tally: Tally) -> Caller:
    expires = reply.expires_at
    ends = reply.HasField("expires_at")
    return Caller(
        business_id=reply.business_id,
        user_id=reply.user_id,
        token_id=reply.token_id,
        client_id=reply.client_id,
        scope_permissions=frozenset(reply.scope_permissions),
        role_permissions=frozenset(reply.role_permissions),
        token_limit=_limit(reply.token_limit),
        tenant_limit=_limit(reply.tenant_limit),
        expires_at=expires.seconds + expires.nanos / 1e9 if ends else None,
        tally=tally,
    )


def _limit(limit: access_pb2.RateLimit) -> Limit:
    # At least one in a second: a budget of nothing would divide by zero.
    return Limit(max(1, limit.limit), max(1, limit.window_seconds))
