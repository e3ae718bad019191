"""The door of the gRPC port, which hostile strangers reach as well.

Until its caller is known, a call is a stranger's: there are so many of these and no
more, in all and of each address and connection, so that they leave room for everybody
else. A message is read only then. An edge shows a secret that it shares with the
services; methods that take no token are for it alone.
"""

import asyncio
import hmac
from collections.abc import Sequence
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import unquote

import grpc
from google.protobuf.message import Message

from services.caller import current_call
from services.errors import BadRequest, DeadlineExceeded, Unavailable
from services.gates.request_checks import Around, Context, Proceed
from services.kinds.methods import Method

EDGE_SECRET = "x-edge-secret"  # noqa: S105 - the name under which it is sent

# Calls of which the caller is not known yet, and calls without a token.
STRANGERS = 1_024
_OF_ADDRESS, _OF_CONNECTION = 512, 256
# Of these the streams that nobody has to end: watches of health, and reflection.
STREAMS = 512
STREAMS_OF_ADDRESS, STREAMS_OF_CONNECTION = 64, 16

# Known callers: calls whose message has not come, and the bytes of those that have.
_UNREAD, _UNREAD_OF_TENANT = 2_048, 256
_BYTES, _BYTES_OF_TENANT = 256 * 1024**2, 128 * 1024**2
# By when the message of a call must be there, in seconds.
READ_SECONDS = 30.0

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
    """How much is taken, in all and by each, in one event loop."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._all = 0
        self._of: dict[str, int] = {}

    def take(self, key: str, amount: int = 1) -> None:
        """Takes so much; `give` follows. Raises `Unavailable`."""
        own = self._of.get(key, 0) + amount
        if self._all + amount > self._most or own > self._most_of_one:
            raise Unavailable(_CROWDED)
        self._all += amount
        self._of[key] = own

    def give(self, key: str, amount: int = 1) -> None:
        """Gives it back."""
        self._all -= amount
        left = self._of.get(key, 0) - amount  # two messages of no bytes have no entry
        if left:
            self._of[key] = left
        else:
            self._of.pop(key, None)


class Crowd:
    """What strangers do at once: in all, from each address, on each connection."""

    def __init__(self, most: int, of_address: int, of_connection: int) -> None:
        self._addresses = Bounded(most, of_address)
        self._connections = Bounded(most, of_connection)

    def enter(self, peer: str) -> None:
        """One comes; `leave` follows. Raises `Unavailable`."""
        self._connections.take(peer)
        try:
            self._addresses.take(address_of(peer))
        except Unavailable:
            self._connections.give(peer)
            raise

    def leave(self, peer: str) -> None:
        """One is gone, or no stranger any more."""
        self._connections.give(peer)
        self._addresses.give(address_of(peer))


@lru_cache(maxsize=4096)
def address_of(peer: str) -> str:
    """Whose a connection is, such as `ipv4:192.0.2.1:5000`; of IPv6, everybody has at
    least 64 bits of addresses."""
    host = unquote(peer).rpartition(":")[0].partition(":")[2].strip("[]")
    try:
        found = ip_address(host)
    except ValueError:  # a socket of this machine
        return peer
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else found
    if mapped is None:
        return str(ip_network((found, 64), strict=False))
    return str(mapped)


class Door:
    """Who is at the door of one process, and the secrets of its edges."""

    def __init__(self, edge_secrets: Sequence[str]) -> None:
        self._secrets = tuple(each.encode() for each in edge_secrets)
        self.strangers = Crowd(STRANGERS, _OF_ADDRESS, _OF_CONNECTION)
        self.streams = Crowd(STREAMS, STREAMS_OF_ADDRESS, STREAMS_OF_CONNECTION)
        self.unread = Bounded(_UNREAD, _UNREAD_OF_TENANT)
        self.bytes = Bounded(_BYTES, _BYTES_OF_TENANT)

    def knows(self, secret: object) -> bool:
        """Whether that is the secret of an edge."""
        given = secret if isinstance(secret, bytes) else str(secret).encode()
        found = [hmac.compare_digest(given, each) for each in self._secrets]
        return any(found)


class Place:
    """The place of a call among strangers, until its caller is known."""

    __slots__ = ("_crowd", "_peer")

    def __init__(self, crowd: Crowd, peer: str) -> None:
        crowd.enter(peer)
        self._crowd: Crowd | None = crowd
        self._peer = peer

    def leave(self) -> None:
        """Gives it back, once."""
        if self._crowd is not None:
            self._crowd.leave(self._peer)
            self._crowd = None


# Of the call that the running task answers; None for that of an edge.
_PLACE: ContextVar[Place | None] = ContextVar("place", default=None)


def behind(door: Door, authenticated: Around) -> Around:
    """Finds the caller as `authenticated` does, and reads no message before."""

    def around(method: Method, proceed: Proceed) -> Proceed:
        then = authenticated(method, read_message(door)(method, proceed))
        return admit(door)(method, then)

    return around


def admit(door: Door) -> Around:
    """Gives a call its place, and tells edges from strangers."""

    def around(method: Method, proceed: Proceed) -> Proceed:
        async def admitted(request: Any, context: Context) -> Message:
            metadata = dict(context.invocation_metadata() or ())
            secret = metadata.get(EDGE_SECRET)
            if secret is not None:
                if not door.knows(secret):
                    await context.abort(*_refusal(context, EDGE_UNKNOWN))
                return await proceed(request, context)
            if method.open:
                await context.abort(*_refusal(context, EDGE_ONLY))
            place = Place(door.strangers, context.peer())
            _PLACE.set(place)
            try:
                return await proceed(request, context)
            finally:
                place.leave()

        return admitted

    return around


def _refusal(context: Context, text: str) -> tuple[Any, str, Any]:
    return grpc.StatusCode.UNAUTHENTICATED, text, context.trailing_metadata()


def read_message(door: Door) -> Around:
    """Reads the message of a call whose caller is known, or that an edge makes."""

    def around(method: Method, proceed: Proceed) -> Proceed:
        async def read(_: Any, context: Context) -> Message:
            tenant = current_call().caller.business_id
            if (place := _PLACE.get()) is not None:
                place.leave()
            data = await _message(door, tenant, context)
            size = len(data)
            door.bytes.take(tenant, size)
            try:
                return await proceed(data, context)
            finally:
                door.bytes.give(tenant, size)

        return read

    return around


async def _message(door: Door, tenant: str, context: Any) -> bytes:
    door.unread.take(tenant)
    try:
        async with asyncio.timeout(READ_SECONDS):
            data = await context.read()
    except TimeoutError:
        raise DeadlineExceeded from None
    finally:
        door.unread.give(tenant)
    if data is grpc.aio.EOF:
        raise BadRequest("The call has no message.")
    message: bytes = data
    return message
