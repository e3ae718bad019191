"""The callers behind tokens, as the services know them, cached for a moment.

A caller is cached for less than a second, so that a revoked token is refused within
one. Tokens are kept as hashes only.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from prospectconnect.iam.v1 import access_pb2

from edge.callers.caller import Caller
from edge.limits.limit import Limit
from edge.trace import Trace
from edge.upstream.call import call
from edge.upstream.channel import UpstreamMethod
from edge.usage.tallies import Tally


@dataclass(frozen=True, slots=True)
class _Cached:
    caller: Caller
    good_until: float


@dataclass(frozen=True, slots=True)
class _Question:
    answer: asyncio.Task[Caller]
    asked_at: float


class CallerCache:
    """The callers behind tokens.

    Concurrent requests with one token share one question to the services.
    """

    def __init__(
        self,
        resolve: UpstreamMethod,
        seconds: float,
        size: int,
        tally_of: Callable[[bytes], Tally],
    ) -> None:
        """Makes an empty cache.

        Args:
            resolve: The method `ResolveCaller` of the services.
            seconds: How long a caller is cached.
            size: How many callers are cached at most.
            tally_of: The tally of a caller, by the receipt for its usage.
        """
        self._resolve = resolve
        self._seconds = seconds
        self._size = size
        self._tally_of = tally_of
        self._cached: dict[bytes, _Cached] = {}
        self._questions: dict[bytes, _Question] = {}

    def cached(self, token: str) -> Caller | None:
        """The caller behind a token, if it is cached."""
        found = self._cached.get(_key(token))
        if found is not None and found.good_until > time.monotonic():
            return found.caller
        return None

    async def resolve(self, token: str, trace: Trace, deadline: float) -> Caller:
        """Asks the services for the caller behind a token.

        `deadline` is in `time.monotonic` seconds.

        Raises:
            ProblemError: TOKEN_INVALID, or the services could not answer.
        """
        key, now = _key(token), time.monotonic()
        question = self._questions.get(key)
        if question is None or question.asked_at + self._seconds < now:
            task = asyncio.create_task(self._ask(key, token, trace, deadline))
            question = self._questions[key] = _Question(task, now)
            task.add_done_callback(lambda done: self._answered(key, done))
        # Shielded: a client that disconnects must not cancel it for the others.
        return await asyncio.shield(question.answer)

    async def _ask(
        self, key: bytes, token: str, trace: Trace, deadline: float
    ) -> Caller:
        asked_at = time.monotonic()  # before the call: a revocation may come during it
        metadata = [
            ("authorization", f"Bearer {token}"),
            ("traceparent", trace.traceparent),
        ]
        request = access_pb2.ResolveCallerRequest()
        reply = await call(self._resolve, request, metadata, deadline)
        caller = _caller(reply.message, self._tally_of(reply.message.usage_receipt))
        self._keep(key, caller, asked_at)
        return caller

    def _answered(self, key: bytes, task: asyncio.Task[Caller]) -> None:
        question = self._questions.get(key)
        if question is not None and question.answer is task:
            del self._questions[key]
        if not task.cancelled():
            task.exception()  # read, or asyncio would log it where no client waits

    def _keep(self, key: bytes, caller: Caller, asked_at: float) -> None:
        seconds = self._seconds
        if caller.expires_at is not None:
            seconds = min(seconds, caller.expires_at - time.time())
        self._cached.pop(key, None)
        # The entries are in the order in which they expire: the first one goes.
        while len(self._cached) >= self._size:
            del self._cached[next(iter(self._cached))]
        self._cached[key] = _Cached(caller, asked_at + seconds)


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
        sandbox=reply.sandbox,
        sandbox_of=reply.sandbox_of,
        tally=tally,
    )


def _limit(limit: access_pb2.RateLimit) -> Limit:
    # At least one request in a second: zero would be a division by zero.
    return Limit(max(1, limit.limit), max(1, limit.window_seconds))
