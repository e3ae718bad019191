"""The entrance of the gRPC port, which hostile clients can reach too.

A call belongs to a stranger until its caller is authenticated. The number of strangers'
calls is limited in total, for each address and for each connection, so that other
callers keep their share. After authentication a call is counted against the caller's
rate limit, and then its message is read. An edge proves itself by a secret that it
shares with the services. It counts its calls itself, and only an edge may call the
methods that take no token.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import unquote

import grpc
from google.protobuf.message import Message

from services.caller import Caller, current_call
from services.errors import (
    BadRequest,
    DeadlineExceeded,
    PermissionDenied,
    RoleDenied,
    ScopeDenied,
    Unavailable,
)
from services.gates.request_checks import Context, Interceptor, Proceed
from services.gates.sent_metadata import CLIENT_ADDRESS, FAULTY_FIELDS
from services.iam.refusals import Refusal, Refusals
from services.kinds.methods import Method

EDGE_SECRET = "x-edge-secret"  # noqa: S105 - the name of the metadata key

# The most calls at a time whose caller is not authenticated yet or has no token.
STRANGERS = 1_024
_OF_ADDRESS, _OF_CONNECTION = 512, 256
# The most streams of health checking and reflection, which may stay open for ever.
STREAMS = 512
STREAMS_OF_ADDRESS, STREAMS_OF_CONNECTION = 64, 16

# For authenticated callers: the most calls that wait for their message, and the most
# bytes of messages that were read, in total and for one tenant.
_UNREAD, _UNREAD_OF_TENANT = 2_048, 256
_BYTES, _BYTES_OF_TENANT = 256 * 1024**2, 128 * 1024**2
# The largest message of a call that is no batch.
MOST_BYTES = 4 * 1024**2

# A message must arrive within so many seconds.
READ_SECONDS = 30.0

# Counts a call of a caller. Raises `RateLimited` if the caller's limit is used up. It
# returns an awaitable only if the count is kept on another machine.
# It gets the caller and a number of requests.
Count = Callable[[Caller, int], Awaitable[None] | None]

_CROWDED = "Too many calls at once."
EDGE_ONLY = (
    f"Only an edge may call this method. It sends {EDGE_SECRET} in the metadata, with "
    "the secret that it shares with the services (PROSPECTCONNECT_EDGE_SECRET)."
)
EDGE_UNKNOWN = (
    f"{EDGE_SECRET} is none of the secrets that the services know. Give the edge and "
    "the services the same PROSPECTCONNECT_EDGE_SECRET."
)


class Bounded:
    """A counter with a maximum in total and one for each key, in one event loop."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._all = 0
        self._of: dict[str, int] = {}

    def acquire(self, key: str, amount: int = 1, *, shares: bool = False) -> None:
        """Adds an amount. `release` follows. Raises `Unavailable` at the maximum.

        If it `shares`, a key has no more than what is left for others.
        """
        own, left = self._of.get(key, 0) + amount, self._most - self._all
        most = min(left, self._most_of_one) if shares else self._most_of_one
        if amount > left or own > most:
            raise Unavailable(_CROWDED)
        self._all += amount
        self._of[key] = own

    def release(self, key: str, amount: int = 1) -> None:
        """Subtracts an amount that was acquired."""
        self._all -= amount
        left = self._of.get(key, 0) - amount  # an empty message has no entry
        if left:
            self._of[key] = left
        else:
            self._of.pop(key, None)


class Crowd:
    """Counts calls of strangers: in total, for each address and each connection."""

    def __init__(self, most: int, of_address: int, of_connection: int) -> None:
        self._addresses = Bounded(most, of_address)
        self._connections = Bounded(most, of_connection)

    def enter(self, peer: str) -> None:
        """Counts a call in. `leave` follows. Raises `Unavailable` at the maximum."""
        self._connections.acquire(peer)
        try:
            self._addresses.acquire(address_of(peer))
        except Unavailable:
            self._connections.release(peer)
            raise

    def leave(self, peer: str) -> None:
        """Counts a call out: it has ended, or its caller is authenticated."""
        self._connections.release(peer)
        self._addresses.release(address_of(peer))


def host_of(peer: str) -> str:
    """The address of a peer such as `ipv4:192.0.2.1:5000`."""
    return unquote(peer).rpartition(":")[0].partition(":")[2].strip("[]")


@lru_cache(maxsize=4096)
def address_of(peer: str) -> str:
    """The address by which a peer such as `ipv4:192.0.2.1:5000` is counted.

    For IPv6 it is the network of 64 bits: each client has at least one of its own.
    """
    try:
        found = ip_address(host_of(peer))
    except ValueError:  # a socket of this machine
        return peer
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else found
    if mapped is None:
        return str(ip_network((found, 64), strict=False))
    return str(mapped)


class Door:
    """The counters of one process, and the secrets by which edges prove themselves.

    `count` counts the calls of callers that use no edge.
    """

    def __init__(self, edge_secrets: Sequence[str], count: Count) -> None:
        self.count = count
        self._secrets = tuple(each.encode() for each in edge_secrets)
        self.strangers = Crowd(STRANGERS, _OF_ADDRESS, _OF_CONNECTION)
        self.streams = Crowd(STREAMS, STREAMS_OF_ADDRESS, STREAMS_OF_CONNECTION)
        self.unread = Bounded(_UNREAD, _UNREAD_OF_TENANT)
        self.bytes = Bounded(_BYTES, _BYTES_OF_TENANT)

    def knows(self, secret: object) -> bool:
        """Whether a value is the secret of an edge. Compares in constant time."""
        given = secret if isinstance(secret, bytes) else str(secret).encode()
        found = [hmac.compare_digest(given, each) for each in self._secrets]
        return any(found)


class Slot:
    """Counts one call among the strangers' until `leave` is called."""

    __slots__ = ("_crowd", "peer")

    def __init__(self, crowd: Crowd, peer: str) -> None:
        crowd.enter(peer)
        self._crowd: Crowd | None = crowd
        self.peer = peer

    def leave(self) -> None:
        """Counts the call out. A second call does nothing."""
        if self._crowd is not None:
            self._crowd.leave(self.peer)
            self._crowd = None


# The slot of the call that the running task answers; None if an edge made the call.
_SLOT: ContextVar[Slot | None] = ContextVar("slot", default=None)


def is_stranger() -> bool:
    """Whether no edge made the call that the running task answers."""
    return _SLOT.get() is not None


def tell_of_strangers(
    refusals: Refusals,
) -> Callable[[Caller, Method, PermissionDenied], None]:
    """Returns what notes refused calls that no edge made. An edge reports its own."""

    def tell(caller: Caller, method: Method, error: PermissionDenied) -> None:
        slot = _SLOT.get()
        if slot is None or not isinstance(error, ScopeDenied | RoleDenied):
            return
        refusal = Refusal(
            business_id=caller.business_id,
            user_id=caller.user_id,
            holder_id=caller.client_id or caller.token_id,
            operation=method.name.rpartition("/")[2],
            permission=error.permission,
            refused_by="scope" if isinstance(error, ScopeDenied) else "role",
            address=host_of(slot.peer),
        )
        refusals.note(refusal)

    return tell


def authenticate_strangers(door: Door, authenticated: Interceptor) -> Interceptor:
    """Returns `authenticated` between `admit` and `read_message`, for a socket."""

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        then = authenticated(method, read_message(door)(method, proceed))
        return admit(door)(method, then)

    return wrap


def admit(door: Door) -> Interceptor:
    """Checks the edge's secret; without one, counts the call as a stranger's."""

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        async def admitted(request: Any, context: Context) -> Message:
            metadata = dict(context.invocation_metadata() or ())
            secret = metadata.get(EDGE_SECRET)
            if secret is not None:
                if not door.knows(secret):
                    await context.abort(*_refusal(context, EDGE_UNKNOWN))
                return await proceed(request, context)
            for name in (FAULTY_FIELDS, CLIENT_ADDRESS):
                if name in metadata:
                    raise BadRequest(f"Only an edge may send {name}.")
            if method.open:
                await context.abort(*_refusal(context, EDGE_ONLY))
            slot = Slot(door.strangers, context.peer())
            _SLOT.set(slot)
            try:
                return await proceed(request, context)
            finally:
                slot.leave()

        return admitted

    return wrap


def _refusal(context: Context, text: str) -> tuple[Any, str, Any]:
    return grpc.StatusCode.UNAUTHENTICATED, text, context.trailing_metadata()


def read_message(door: Door) -> Interceptor:
    """Counts a call of an authenticated caller, then reads its message."""

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        async def read(_: Any, context: Context) -> Message:
            call = current_call()
            caller, tenant = call.caller, call.caller.business_id
            if (slot := _SLOT.get()) is not None:
                call.address = host_of(slot.peer)
                slot.leave()
                if (counted := door.count(caller, 1)) is not None:
                    await counted
            data = await _message(door, tenant, context)
            size = len(data)
            if size > MOST_BYTES and not method.runs_others:
                text = f"Received message larger than max ({size} vs. {MOST_BYTES})"
                exhausted = grpc.StatusCode.RESOURCE_EXHAUSTED
                await context.abort(exhausted, text, context.trailing_metadata() or ())
            door.bytes.acquire(tenant, size)
            try:
                return await proceed(data, context)
            finally:
                door.bytes.release(tenant, size)

        return read

    return wrap


async def _message(door: Door, tenant: str, context: Any) -> bytes:
    door.unread.acquire(tenant)
    try:
        async with asyncio.timeout(READ_SECONDS):
            data = await context.read()
    except TimeoutError:
        raise DeadlineExceeded from None
    finally:
        door.unread.release(tenant)
    if data is grpc.aio.EOF:
        raise BadRequest("The call has no message.")
    message: bytes = data
    return message
