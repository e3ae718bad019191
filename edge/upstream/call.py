"""Calls to the services: with a deadline, metadata, and errors turned into problems."""

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import grpc
from google.protobuf.message import Message

from edge.problems import deadline_exceeded, unavailable
from edge.upstream.channel import UpstreamCall, UpstreamMethod
from edge.upstream.errors import problem_of

Metadata = Sequence[tuple[str, str]]


class Reply(NamedTuple):  # made four times as fast as a frozen dataclass
    """A good answer, and the call that brought it."""

    message: Any
    call: UpstreamCall

    async def replayed(self) -> bool:
        """Whether the services repeated an earlier answer."""
        return bool(await self.told("idempotent-replayed"))

    async def told(self, key: str) -> str:
        """What the services say besides the answer, "" if they say nothing."""
        trailing = await self.call.trailing_metadata()
        return next((str(said) for name, said in trailing or () if name == key), "")


async def call(
    method: UpstreamMethod, request: Message, metadata: Metadata, deadline: float
) -> Reply:
    """Calls a method.

    Args:
        method: What `open_method` made.
        request: The request message.
        metadata: Lower-case keys, printable ASCII values.
        deadline: When the answer must be there, in `time.monotonic` seconds.

    Raises:
        ProblemError: Whatever went wrong, as a problem. The paths of field faults
            are those of the request message.
    """
    timeout = deadline - time.monotonic()
    if timeout <= 0:
        raise deadline_exceeded()
    try:
        begun = method(request, timeout=timeout, metadata=metadata)
        return Reply(await begun, begun)
    except grpc.aio.AioRpcError as error:
        raise problem_of(error) from None
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise  # the client is gone
        raise unavailable() from None  # the channel was closed under the call


def faulty_fields(paths: Iterable[str]) -> str:
    """The value of `x-faulty-fields`: a JSON array of paths, in ASCII.

    Cut at 4 KiB, since metadata is limited; a path that is left out may only cost
    a fault too many, which the edge then drops.
    """
    kept: list[str] = []
    room = 4096
    for path in paths:
        room -= len(json.dumps(path)) + 2
        if room < 0:
            break
        kept.append(path)
    return json.dumps(kept)
