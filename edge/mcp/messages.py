"""JSON-RPC 2.0: requests as messages, and answers as JSON.

It checks only the form of a message; `methods` has the meaning of each method.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
# From the range for the server's own codes: refused before the message was read.
REFUSED = -32010

# Parsers may read a larger number differently (RFC 8259, section 6).
_LARGEST_ID = 2**53 - 1
_LONGEST_ID = 256
_LONGEST_METHOD = 128

Id = str | int


class RpcError(Exception):
    """Ends a message with an error.

    Attributes:
        code: The JSON-RPC error code.
        message: A sentence for the client.
        data: What a program can make of it, or None.
    """

    def __init__(
        self, code: int, message: str, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or a notification, whose id is None and which gets no answer."""

    id: Id | None
    method: str
    params: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A parameter that must be there and be a string.

        Raises:
            RpcError: INVALID_PARAMS.
        """
        value = self.params.get(name)
        if type(value) is not str:
            raise RpcError(INVALID_PARAMS, f"params.{name} must be a string.")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """A parameter that is an object, empty when it is not there.

        Raises:
            RpcError: INVALID_PARAMS.
        """
        value = self.params.get(name)
        if value is None:
            return {}
        if type(value) is not dict:
            raise RpcError(INVALID_PARAMS, f"params.{name} must be an object.")
        return value


def read_message(value: object) -> Message:
    """A parsed JSON value as a message.

    Raises:
        RpcError: INVALID_REQUEST, INVALID_PARAMS.
    """
    if type(value) is not dict:
        raise RpcError(INVALID_REQUEST, "A message must be a JSON object.")
    if value.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, 'A message must say "jsonrpc": "2.0".')
    # Without an id it is a notification; an id of a wrong type is an error.
    if "id" in value and not _is_id(value["id"]):
        allowed = f"a string up to {_LONGEST_ID} characters or a whole number"
        raise RpcError(INVALID_REQUEST, f"id must be {allowed}.")
    method = value.get("method")
    if type(method) is not str or not 0 < len(method) <= _LONGEST_METHOD:
        raise RpcError(INVALID_REQUEST, "method must be the name of a method.")
    params = value.get("params", {})
    if type(params) is not dict:
        raise RpcError(INVALID_PARAMS, "params must be an object.")
    return Message(value.get("id"), method, params)


def is_notification(value: object) -> bool:
    """Whether a value is a message that gets no answer. What is no message gets one."""
    try:
        return read_message(value).id is None
    except RpcError:
        return False


def id_of(value: object) -> Id | None:
    """The id for the answer to a value, even if the value is no valid message."""
    found = value.get("id") if type(value) is dict else None
    return found if _is_id(found) else None


def _is_id(value: Any) -> bool:
    if type(value) is str:
        return len(value) <= _LONGEST_ID
    return type(value) is int and -_LARGEST_ID <= value <= _LARGEST_ID


def good(id: Id, result: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request that succeeded."""
    return {"jsonrpc": "2.0", "id": id, "result": result}


def bad(id: Id | None, error: RpcError) -> dict[str, Any]:
    """The answer to a request that failed; the id is null if it could not be read."""
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        told["data"] = error.data
    return {"jsonrpc": "2.0", "id": id, "error": told}
