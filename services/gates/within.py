"""The interceptors of what runs in a bound transaction: batches, dry runs, operations.

A dry run is the call itself, in a transaction that is undone at its end. It takes no
idempotency key. If the key was used, the answer is the stored one.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

from google.protobuf.message import Message
from prospectconnect.options.v1 import options_pb2

from services.caller import current_call
from services.gates.door import Count, is_stranger
from services.gates.interceptors import check_kind
from services.gates.masked_answers import mask_answers
from services.gates.partial_answers import answer_in_part
from services.gates.permissions import check_permission
from services.gates.replays import REPLAYED
from services.gates.request_checks import (
    Context,
    Interceptor,
    Known,
    Proceed,
    check_rules,
)
from services.gates.sent_metadata import DRY_RUN
from services.kinds.methods import Method
from services.postgres.bound import BoundDatabase, Scope
from services.postgres.database import Database
from services.records import idempotency
from services.records.log.extent import AFFECTED, extent_of_deletion, written

# Gives a batch's stored answer as its caller of today may have it.
Again = Callable[[Any, Any], Awaitable[Message]]


def check_access(method: Method, proceed: Proceed) -> Proceed:
    """Checks whether the caller that is known already may call a method."""

    async def checked(request: Any, context: Context) -> Message:
        caller = current_call().caller
        check_kind(caller, method)
        check_permission(caller, method.permission)
        return await proceed(request, context)

    return checked


class Chain(NamedTuple):
    """Interceptors of a method that another method runs for its caller."""

    all: tuple[Interceptor, ...]
    # For an answer that was given before: what its request was is known to be right.
    but_rules: tuple[Interceptor, ...]


def within_a_call(known: Known) -> Chain:
    """Returns the interceptors of the operations of a batch."""
    parts = answer_in_part, mask_answers(known.schemas)
    return Chain((check_access, check_rules(known), *parts), (check_access, *parts))


class Inner(Protocol):
    """What runs in bound transactions: the methods of all services, by full name."""

    @property
    def bound(self) -> BoundDatabase:
        """The database that they run on."""

    @property
    def within(self) -> Mapping[str, Callable[[Any, Any], Awaitable[Any]]]:
        """The methods."""

    @property
    def again(self) -> Again:
        """Gives a stored answer."""


def run_within(
    database: Database,
    inner: Inner,
    count: Count,
) -> Interceptor:
    """Runs dry runs by the methods of `inner`, and batches.

    `count` takes the price of a batch from the budgets of a caller without an edge.
    """

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        if method.only_reads or method.open or method.session:
            return proceed
        if method.runs_others:
            return _batches(method, _counted(proceed, count), database, inner.again)
        run = inner.within[method.name]

        async def dry(request: Any, context: Context) -> Message:
            call = current_call()
            stored = await _begin(method, database, context)
            if stored is not None:
                return stored

            async def work(scope: Scope) -> Message:
                scope.undone = True
                answer = await run(request, context)
                if method.standard == options_pb2.STANDARD_METHOD_DELETE:
                    where = inner.bound, call.caller.business_id, request.id
                    call.affected = await extent_of_deletion(*where)
                return answer  # type: ignore[no-any-return]  # a message

            answer, _ = await inner.bound.within(work)
            return answer

        def chosen(request: Any, context: Context) -> Awaitable[Message]:
            if current_call().is_dry:
                return dry(request, context)
            return proceed(request, context)

        return _telling_extent(chosen) if method.standard in _TELL_EXTENT else chosen

    return wrap


# What may change other records than that which the request names.
_TELL_EXTENT = (
    options_pb2.STANDARD_METHOD_DELETE,
    options_pb2.STANDARD_METHOD_RESTORE,
)


def _telling_extent(proceed: Proceed) -> Proceed:
    """Tells with the answer what becomes of other records."""

    async def told(request: Any, context: Context) -> Message:
        answer = await proceed(request, context)
        affected = current_call().affected
        if affected:
            _tell(context, ((AFFECTED, written(affected)),))
        return answer

    return told


# So many operations of a batch count as one request. One was counted before.
OPERATIONS_A_REQUEST = 10


def _counted(proceed: Proceed, count: Count) -> Proceed:
    """Counts the operations of a batch that no edge has counted."""

    async def counted(request: Any, context: Context) -> Message:
        further = -(-len(request.operations) // OPERATIONS_A_REQUEST) - 1
        if further > 0 and is_stranger():
            waiting = count(current_call().caller, further)
            if waiting is not None:
                await waiting
        return await proceed(request, context)

    return counted


def _batches(
    method: Method, proceed: Proceed, database: Database, again: Again
) -> Proceed:
    """Batches undo their own transaction; a replay passes their gates again."""

    async def run(request: Any, context: Context) -> Message:
        call = current_call()
        if call.is_dry:
            stored = await _begin(method, database, context)
            if stored is not None:
                return await again(request, stored)
        answer = await proceed(request, context)
        if call.key is not None and _is_replay(context):
            return await again(request, answer)
        return answer

    return run


async def _begin(
    method: Method, database: Database, context: Context
) -> Message | None:
    """Begins a dry run. Returns the answer that its key was used for, if it was."""
    call = current_call()
    _tell(context, ((DRY_RUN, "true"),))
    if call.key is None:
        return None
    stored = await idempotency.replay(database, call, method.response)
    if stored is not None:
        _tell(context, REPLAYED)
    call.key = None
    return stored


def _tell(context: Context, more: tuple[tuple[str, str], ...]) -> None:
    context.set_trailing_metadata((*(context.trailing_metadata() or ()), *more))


def _is_replay(context: Context) -> bool:
    told: Any = context.trailing_metadata() or ()
    return any(each in REPLAYED for each in told)
