"""The interceptors of every method: errors, access, turns, rules, parts, masks, replay.

An interceptor is a plain function that wraps a method or the rest of one. `chain` puts
them in order; `grpc_interceptors` makes one gRPC interceptor from them. The same chain
runs in process and over a socket. Over a socket, the message is read after the caller
was authenticated, and stays bytes until the call has its turn (`check_rules`). Methods
that are not ours (health, reflection) are not wrapped.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import asyncpg
import grpc
import structlog
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_CALENDAR, TOKEN_KIND_SESSION

from services.caller import CURRENT_CALL, NOBODY, Call, Caller, current_call
from services.errors import (
    DeadlineExceeded,
    PermissionDenied,
    ServiceError,
    TokenInvalid,
    Unavailable,
)
from services.gates.error_details import status_of
from services.gates.masked_answers import mask_answers
from services.gates.partial_answers import answer_in_part
from services.gates.permissions import check_permission
from services.gates.replays import replay_answers
from services.gates.request_checks import (
    Context,
    Interceptor,
    Known,
    Proceed,
    check_rules,
)
from services.gates.sent_metadata import (
    CLIENT_ADDRESS,
    DRY_RUN,
    FAULTY_FIELDS,
    is_dry,
    key_of,
    refuse_repeated,
)
from services.gates.turns import CALL, SEARCH, Turns
from services.gates.watch import Watch
from services.gates.within_sandboxes import enter, leave
from services.iam.access import Access
from services.kinds.methods import Method
from services.trace import trace_id_of

_TRY_LATER = (
    asyncpg.InsufficientResourcesError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)

# All calls of a token wait for this one, so it must not wait for a turn behind them.
RESOLVE_CALLER = "/prospectconnect.iam.v1.AccessService/ResolveCaller"

# The permissions of the methods for programs that web pages call with a session too:
# who the user is, and which tokens exist.
_OF_PAGES = frozenset(("", "token.read"))

_log = structlog.get_logger("services")


def chain(
    known: Known,
    authenticated: Interceptor,
    turns: Turns,
    watch: Watch,
    within: Interceptor,
) -> tuple[Interceptor, ...]:
    """Returns the interceptors of every method, the outermost first.

    `authenticated` is `authenticate`; over a socket, `authenticate_strangers`. `within`
    is `run_within`.
    """
    return (
        *watch.interceptors(),
        answer_errors,
        authenticated,
        take_turns(turns),
        check_rules(known),
        answer_in_part,
        mask_answers(known.schemas),
        within,
        replay_answers(known.database, watch.figures),
    )


def grpc_interceptors(
    interceptors: Sequence[Interceptor],
    methods: Mapping[str, Method],
    *,
    is_socket: bool,
) -> tuple[grpc.aio.ServerInterceptor, ...]:
    """Returns one gRPC interceptor that wraps `methods` in all `interceptors`."""
    return (_GrpcInterceptor(interceptors, methods, is_socket),)


class _GrpcInterceptor(grpc.aio.ServerInterceptor):
    """Wraps each known method at its first call, and keeps the result.

    Over a socket, gRPC takes each method for one with a stream of requests. Such a
    method starts when the metadata of a call has arrived, and reads the message itself.
    Otherwise gRPC would wait for the message without a limit, and read it for every
    caller. The message stays bytes here: decoding a few bytes can make an object of
    hundreds of megabytes.
    """

    def __init__(
        self,
        interceptors: Sequence[Interceptor],
        methods: Mapping[str, Method],
        is_socket: bool,
    ) -> None:
        self._chain = interceptors
        self._make: Any = grpc.unary_unary_rpc_method_handler
        self._make_stream: Any = grpc.unary_stream_rpc_method_handler
        if is_socket:
            self._make = grpc.stream_unary_rpc_method_handler
            self._make_stream = grpc.stream_stream_rpc_method_handler
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
        # A method with many answers writes them to its context, and returns None.
        proceed: Proceed = handler.unary_unary or handler.unary_stream
        make = self._make_stream if method.streams else self._make
        for wrap in reversed(self._chain):
            proceed = wrap(method, proceed)
        return make(
            proceed,
            request_deserializer=None,
            response_serializer=handler.response_serializer,
        )


def answer_errors(method: Method, proceed: Proceed) -> Proceed:
    """Turns exceptions into gRPC statuses; logs and hides unexpected ones."""

    async def answered(request: Any, context: Context) -> Message:
        try:
            return await proceed(request, context)
        except grpc.aio.AbortError:
            raise
        except ServiceError as error:
            status = status_of(error)
        except (TimeoutError, asyncpg.QueryCanceledError):
            status = status_of(DeadlineExceeded())
        except _TRY_LATER:
            status = status_of(Unavailable())
        except Exception:
            metadata = dict(context.invocation_metadata() or ())
            trace_id = trace_id_of(metadata.get("traceparent"))
            _log.exception("a method failed", method=method.name, trace_id=trace_id)
            status = status_of(ServiceError())
        # Not inside `except`. gRPC keeps the exception that `abort` raises until the
        # garbage collector runs, and with it the frames and exceptions that it knows.
        # Those of the method hold the request, which may be large.
        return await _abort(context, status)

    return answered


async def _abort(context: Context, described: Status) -> NoReturn:
    status = rpc_status.to_status(described)
    # Keeps the metadata that every answer has, such as the id of the trace.
    trailing = (*(context.trailing_metadata() or ()), *status.trailing_metadata)
    await context.abort(status.code, status.details, trailing)
    raise AssertionError("abort returned")


# Is told of a refused call: (caller, method, why).
Refused = Callable[[Caller, Method, PermissionDenied], None]


def authenticate(access: Access, refused: Refused | None = None) -> Interceptor:
    """Finds the caller and checks its permission. Open methods have no caller."""

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        async def authenticated(request: Any, context: Context) -> Message:
            sent = context.invocation_metadata() or ()
            metadata = dict(sent)
            # In process the edge has written the metadata, each key once.
            if request.__class__ is not method.request and len(metadata) != len(sent):
                refuse_repeated(sent)
            caller = NOBODY
            if not method.open:
                authorization = str(metadata.get("authorization", ""))
                known = access.known(authorization)
                caller = known or await access.caller(authorization)
                check_kind(caller, method)
                try:
                    check_permission(caller, method.permission)
                except PermissionDenied as error:
                    if refused is not None:
                        refused(caller, method, error)
                    raise
            call = Call(
                caller,
                unread=metadata.get(FAULTY_FIELDS),
                traceparent=metadata.get("traceparent"),
            )
            if method.keyed:
                call.key = key_of(metadata.get("idempotency-key"))
                call.deadline = _deadline(context)
            if not method.only_reads and DRY_RUN in metadata:
                call.is_dry = is_dry(metadata[DRY_RUN])
            if CLIENT_ADDRESS in metadata:
                call.address = str(metadata[CLIENT_ADDRESS])
            inside = enter(caller, method) if caller.sandbox else None
            before = CURRENT_CALL.set(call)
            try:
                return await proceed(request, context)
            except PermissionDenied as error:
                if refused is not None:
                    refused(caller, method, error)
                raise
            finally:
                CURRENT_CALL.reset(before)
                if inside is not None:
                    leave(inside)

        return authenticated

    return wrap


def take_turns(turns: Turns) -> Interceptor:
    """Lets a call wait for its tenant's turn. Calls that only wait take none."""

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        if method.name == RESOLVE_CALLER or method.waits:
            return proceed
        finds = method.searched is not None or method.counted is not None
        is_heavy = finds or method.runs_others
        weight = SEARCH if is_heavy else CALL

        async def in_turn(request: Any, context: Context) -> Message:
            tenant = current_call().caller.business_id
            if not turns.begin(tenant, weight):
                await turns.wait(tenant, weight)
            try:
                return await proceed(request, context)
            finally:
                turns.end(tenant, weight)

        return in_turn

    return wrap


def check_kind(caller: Caller, method: Method) -> None:
    """Refuses a token where the user must decide, and a session in the API.

    A stolen browser cookie therefore gives access to the web pages only, and the
    address of a calendar to that calendar only.
    """
    if (caller.token_kind == TOKEN_KIND_CALENDAR) != method.calendar:
        raise TokenInvalid("The secret of a calendar is for that calendar alone.")
    if caller.token_kind == TOKEN_KIND_SESSION:
        if not method.session and method.permission not in _OF_PAGES:
            raise TokenInvalid("This takes a token, not a session.")
    elif method.session:
        raise TokenInvalid("This takes a session, not a token.")


def _deadline(context: Context) -> float | None:
    left = context.time_remaining()
    return None if left is None else asyncio.get_running_loop().time() + left
