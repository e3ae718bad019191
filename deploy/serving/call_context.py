"""The context of a call in process, and how the call ends."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, NoReturn

import grpc
from google.protobuf.message import Message

Metadata = Sequence[tuple[str, str | bytes]]

_log = logging.getLogger(__name__)


def error_of(
    code: grpc.StatusCode, details: str, trailing: Metadata = ()
) -> grpc.aio.AioRpcError:
    """Returns the error that the caller gets."""
    return grpc.aio.AioRpcError(
        code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing), details
    )


class CallContext:
    """The part of `grpc.aio.ServicerContext` that unary methods need."""

    __slots__ = (
        "_code",
        "_details",
        "_metadata",
        "_trailing",
        "aborted",
        "ends_at",
        "expired",
        "task",
    )

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = tuple(metadata)
        self.ends_at: float | None = None  # on the event loop's clock
        self.task: asyncio.Task[Any] | None = None  # cancelled at the deadline
        self.expired = False
        self._code = grpc.StatusCode.OK
        self._details = ""
        self._trailing: Metadata = ()
        self.aborted = False

    async def abort(
        self,
        code: grpc.StatusCode,
        details: str = "",
        trailing_metadata: Metadata = (),
    ) -> NoReturn:
        """Ends the call with an error. What the method does later has no effect.

        Raises `grpc.aio.UsageError` if the call was aborted before.
        """
        if self.aborted:
            raise grpc.aio.UsageError("Abort already called!")
        self.aborted = not self.expired
        self._code = code
        self._details = details or self._details
        self._trailing = trailing_metadata or self._trailing
        raise grpc.aio.AbortError("Locally aborted.")

    async def abort_with_status(self, status: grpc.Status) -> NoReturn:
        """Ends the call with a status."""
        await self.abort(status.code, status.details, status.trailing_metadata or ())

    def conclude(self, response: Message | None, failure: Exception | None) -> Message:
        """Converts the result or exception of a method for the caller."""
        if failure is not None and not self.aborted:
            _log.error("A method failed", exc_info=failure)
            if self._code is grpc.StatusCode.OK:
                self._code = grpc.StatusCode.UNKNOWN
            self._details = "The method failed."  # never the exception's own text
        if self._code is not grpc.StatusCode.OK:
            raise error_of(self._code, self._details, self._trailing)
        if response is None:
            raise error_of(grpc.StatusCode.UNKNOWN, "The method gave no answer.")
        return response

    def invocation_metadata(self) -> Metadata:
        """Returns the metadata that the caller sent."""
        return self._metadata

    def set_trailing_metadata(self, trailing_metadata: Metadata) -> None:
        """Sets the trailing metadata."""
        if not self.aborted:
            self._trailing = trailing_metadata

    def trailing_metadata(self) -> Metadata:
        """Returns the trailing metadata set so far."""
        return self._trailing

    def set_code(self, code: grpc.StatusCode) -> None:
        """Sets the code. With a code other than OK, the response is discarded."""
        if not self.aborted:
            self._code = code

    def code(self) -> grpc.StatusCode:
        """Returns the code set so far."""
        return self._code

    def set_details(self, details: str) -> None:
        """Sets the text that goes with the code."""
        if not self.aborted:
            self._details = details

    def details(self) -> str:
        """Returns the text set so far."""
        return self._details

    def time_remaining(self) -> float | None:
        """Returns the seconds until the deadline, None without one."""
        if self.ends_at is None:
            return None
        return self.ends_at - asyncio.get_running_loop().time()

    def expire(self) -> None:
        """Ends the call: its deadline has passed."""
        self.expired = True
        if self.task is not None:
            self.task.cancel()

    def peer(self) -> str:
        """Returns the address of the caller."""
        return "inprocess"
