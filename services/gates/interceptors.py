"""What wraps every method: errors, access, turns, rules, parts, replay, in this order.

Each is a plain function from the rest of a method to more of it; `interceptors`
makes a gRPC interceptor of them. The same one runs over a socket and in process; over
a socket a request is read when its caller is known, and stays bytes until it has a turn
(`check_rules`). Methods that are not ours (health, reflection) pass untouched.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import asyncpg
import grpc
import structlog
from google.protobuf.message import Message
from grpc_status import rpc_status
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION

from services.caller import CURRENT_CALL, NOBODY, Call, Caller, current_call
from services.errors import (
    DeadlineExceeded,
    IdempotencyKeyBusy,
    RoleDenied,
    ScopeDenied,
    ServiceError,
    TokenInvalid,
    Unavailable,
    status_of,
)
from services.gates.figures import Figures
from services.gates.partial_answers import answer_in_part
from services.gates.request_checks import (
    Around,
    Context,
    FaultFinder,
    Proceed,
    check_rules,
)
from services.gates.sent_metadata import FAULTY_FIELDS, key_of, refuse_repeated
from services.gates.turns import CALL, SEARCH, Turns
from services.gates.watch import Watch
from services.iam.access import Access
from services.kinds.methods import Method
from services.kinds.record_type import Kinds
from services.postgres.database import Database
from services.records import idempotency

_TRY_LATER = (
    asyncpg.InsufficientResourcesError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)

# Which all calls of its token wait for: it must not wait behind them.
RESOLVE_CALLER = "/prospectconnect.iam.v1.AccessService/ResolveCaller"

# What pages ask for by a user's session, of the methods that programs use as well:
# who it is, and which tokens there are.
_OF_PAGES = frozenset(("", "token.read"))

KEYED_ATTEMPTS = 3
REPLAYED = (("idempotent-replayed", "true"),)

_log = structlog.get_logger("services")


def arounds(
    database: Database,
    authenticated: Around,
    kinds: Kinds,
    finders: Mapping[str, FaultFinder],
    turns: Turns,
    watch: Watch,
) -> tuple[Around, ...]:
    """What wraps every method, the outermost first.

    `authenticated` is `authenticate`, over a socket with the door around it.
    """
    return (
        *watch.arounds(),
        answer_errors,
        authenticated,
        take_turns(turns),
        check_rules(database, kinds, finders),
        answer_in_part,
        replay_answers(database, watch.figures),
    )


def interceptors(
    arounds: Sequence[Around], methods: Mapping[str, Method], *, is_socket: bool
) -> tuple[grpc.aio.ServerInterceptor, ...]:
    """The one interceptor, which wraps each of `methods` in all of `arounds`."""
    return (_Interceptor(arounds, methods, is_socket),)


class _Interceptor(grpc.aio.ServerInterceptor):
    """Wraps each method that it knows when it is first called, and keeps the result.

    Over a socket a method is to gRPC one that takes a stream: it is begun when the head
    of a call has come, and asks for the message itself. gRPC would wait for a message
    as long as it takes, and read it for anybody. It hands the bytes on as they came: a
    few of them may make a message of hundreds of megabytes.
    """

    def __init__(
        self,
        arounds: Sequence[Around],
        methods: Mapping[str, Method],
        is_socket: bool,
    ) -> None:
        self._arounds = arounds
        self._make: Any = grpc.unary_unary_rpc_method_handler
        if is_socket:
            self._make = grpc.stream_unary_rpc_method_handler
        self._methods = methods
        self._wrapped: dict[str, Any] = {}

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        known = self._wrapped.get(details.method)
        if known is not None:
            return known
        handler = await continuation(details)
        method = self._methods.get(details.method)
        if handler is None or method is None:
            return handler
        wrapped = self._wrapped[details.method] = self._wrap(method, handler)
        return wrapped

    def _wrap(self, method: Method, handler: Any) -> Any:
        proceed: Proceed = handler.unary_unary
        for around in reversed(self._arounds):
            proceed = around(method, proceed)
        return self._make(
            proceed,
            request_deserializer=None,
            response_serializer=handler.response_serializer,
        )


def answer_errors(method: Method, proceed: Proceed) -> Proceed:
    """Packs what is raised as a status; what nobody expected is logged, not told."""

    async def answered(request: Any, context: Context) -> Message:
        try:
            return await proceed(request, context)
        except grpc.aio.AbortError:
            raise
        except ServiceError as error:
            await _abort(context, error)
        except (TimeoutError, asyncpg.QueryCanceledError):
            await _abort(context, DeadlineExceeded())
        except _TRY_LATER:
            await _abort(context, Unavailable())
        except Exception:
            metadata = dict(context.invocation_metadata() or ())
            trace_id = str(metadata.get("traceparent", ""))[3:35]
            _log.exception("a method failed", method=method.name, trace_id=trace_id)
            await _abort(context, ServiceError())

    return answered


async def _abort(context: Context, error: ServiceError) -> NoReturn:
    status = rpc_status.to_status(status_of(error))
    # Beside what the call has to tell however it ends: the id of its trace.
    trailing = (*(context.trailing_metadata() or ()), *status.trailing_metadata)
    await context.abort(status.code, status.details, trailing)
    raise AssertionError("abort returned")


def authenticate(access: Access) -> Around:
    """Finds the caller and holds the call against its rights; of open ones, nobody."""

    def around(method: Method, proceed: Proceed) -> Proceed:
        async def authenticated(request: Any, context: Context) -> Message:
            sent = context.invocation_metadata() or ()
            metadata = dict(sent)
            # Within the process the edge has written them, each once.
            if request.__class__ is not method.request and len(metadata) != len(sent):
                refuse_repeated(sent)
            caller = NOBODY
            if not method.open:
                authorization = str(metadata.get("authorization", ""))
                known = access.known(authorization)
                caller = known or await access.caller(authorization)
                check_session(caller, method)
                check_permission(caller, method.permission)
            call = Call(caller, unread=metadata.get(FAULTY_FIELDS))
            if method.keyed:
                call.key = key_of(metadata.get("idempotency-key"))
                call.deadline = _deadline(context)
            before = CURRENT_CALL.set(call)
            try:
                return await proceed(request, context)
            finally:
                CURRENT_CALL.reset(before)

        return authenticated

    return around


def take_turns(turns: Turns) -> Around:
    """Has calls wait until it is their tenant's turn."""

    def around(method: Method, proceed: Proceed) -> Proceed:
        if method.name == RESOLVE_CALLER:
            return proceed
        weight = CALL if method.searched is None else SEARCH

        async def in_turn(request: Any, context: Context) -> Message:
            tenant = current_call().caller.business_id
            if not turns.begin(tenant, weight):
                await turns.wait(tenant, weight)
            try:
                return await proceed(request, context)
            finally:
                turns.end(tenant, weight)

        return in_turn

    return around


def check_session(caller: Caller, method: Method) -> None:
    """Refuses a token where the user themselves must decide, and a session where a
    program must: whoever gets hold of a browser's cookie has no more than its pages."""
    if caller.token_kind == TOKEN_KIND_SESSION:
        if not method.session and method.permission not in _OF_PAGES:
            raise TokenInvalid("This takes a token, not a session.")
    elif method.session:
        raise TokenInvalid("This takes a session, not a token.")


def check_permission(caller: Caller, permission: str) -> None:
    """Refuses a caller whose scopes, or then whose role, lack the permission."""
    if not permission:
        return
    if permission not in caller.scope_permissions:
        message = f"The token's scopes do not grant {permission}."
        raise ScopeDenied(message, permission)
    if permission not in caller.role_permissions:
        message = f"The user's role does not grant {permission}."
        raise RoleDenied(message, permission)


def _deadline(context: Context) -> float | None:
    left = context.time_remaining()
    return None if left is None else asyncio.get_running_loop().time() + left


def replay_answers(database: Database, figures: Figures | None) -> Around:
    """Answers a call whose idempotency key was used with what the first one got.

    A keyed command is carried out straight away; only when it fails is its key
    looked up, so that the first call pays nothing for being repeatable.
    """

    def around(method: Method, proceed: Proceed) -> Proceed:
        async def replayed(request: Any, context: Context) -> Message:
            call = current_call()
            if call.key is None:
                return await proceed(request, context)
            for _attempt in range(KEYED_ATTEMPTS):
                try:
                    return await proceed(request, context)
                except asyncpg.LockNotAvailableError:
                    raise IdempotencyKeyBusy from None
                except (ServiceError, *idempotency.FAILED_WRITES) as error:
                    answer = await idempotency.replay(database, call, method.response)
                    if answer is not None:
                        told = context.trailing_metadata() or ()
                        context.set_trailing_metadata((*told, *REPLAYED))
                        if figures is not None:
                            figures.replays += 1
                        return answer
                    if not idempotency.is_taken(error):
                        raise
                # The key had outlived its days and is gone now.
            raise IdempotencyKeyBusy

        return replayed if method.keyed else proceed

    return around
