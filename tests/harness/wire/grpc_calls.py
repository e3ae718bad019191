"""Calls over gRPC, and their errors, parsed into the parts that clients rely on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_status import rpc_status

from services.gates.door import EDGE_SECRET
from tests import stacks

DOMAIN = "prospectconnect.ai"

_INTERNAL = re.compile(
    r"Traceback|\.py\b|site-packages|asyncpg|_pb2|postgres|\bself\b"
    r"|\b[A-Z]\w+(?:Error|Exception)\b|0x[0-9a-f]{8}|SELECT |INSERT |UPDATE |\$\d\b"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error with its details. Without details, `reason` and the rest are empty."""

    code: grpc.StatusCode
    message: str
    reason: str = ""
    metadata: Mapping[str, str] | None = None
    faults: Mapping[str, str] | None = None  # the code of each field's fault
    retry_seconds: float | None = None


def bearer(token: str, **metadata: str) -> tuple[tuple[str, str], ...]:
    """The metadata of a call: a token, and others; their keys have `_` for `-`."""
    more = ((key.replace("_", "-"), text) for key, text in metadata.items())
    return (("authorization", f"Bearer {token}"), *more)


class _Shown(grpc.UnaryUnaryClientInterceptor):
    """Adds the secret of an edge to the metadata of calls."""

    def intercept_unary_unary(self, proceed: Any, details: Any, request: Any) -> Any:
        metadata = (*(details.metadata or ()), (EDGE_SECRET, stacks.EDGE_SECRET))
        return proceed(_Details(details, metadata), request)


class _Details(grpc.ClientCallDetails):
    """The details of a call, with other metadata."""

    def __init__(self, details: Any, metadata: Any) -> None:
        self.method = details.method
        self.timeout = details.timeout
        self.metadata = metadata
        self.credentials = details.credentials
        self.wait_for_ready = details.wait_for_ready
        self.compression = details.compression


def as_edge(channel: grpc.Channel) -> grpc.Channel:
    """A channel for calls as an edge of the stack."""
    return grpc.intercept_channel(channel, _Shown())


def refused(method: Any, request: Message | bytes, **options: Any) -> Refusal:
    """Makes a call that must fail; returns its error."""
    try:
        answer = method(request, **{"timeout": 20, **options})
    except grpc.RpcError as error:
        return refusal(error)
    raise AssertionError(f"was not refused: {answer}")


def refusal(error: Any, sent: str = "") -> Refusal:
    """Parses an error, and checks that it contains no internal details.

    It may repeat any text that was `sent`.
    """
    leaks = set(_INTERNAL.findall(error.details()))
    assert all(leak in sent for leak in leaks), error.details()
    status = rpc_status.from_call(error)
    if status is None:
        return Refusal(error.code(), error.details())
    info, faults, retry = ErrorInfo(), BadRequest(), RetryInfo()
    found = [
        d.Unpack(info) or d.Unpack(faults) or d.Unpack(retry) for d in status.details
    ]
    assert all(found), "a detail of another kind"
    assert info.domain == DOMAIN
    seconds = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
    return Refusal(
        code=error.code(),
        message=error.details(),
        reason=info.reason,
        metadata=dict(info.metadata),
        faults={each.field: each.reason for each in faults.field_violations},
        retry_seconds=seconds or None,
    )
