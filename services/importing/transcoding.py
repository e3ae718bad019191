"""What reads rows as requests, and says what is wrong with them: given from outside."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from google.rpc.status_pb2 import Status


class Transcoder(Protocol):
    """Reads rows as single requests are read."""

    def parse(self, line: bytes) -> tuple[Any, dict[str, Any] | None]:
        """The value of a line of JSON, or the problem that a body of it would be."""

    def request(
        self, method: str, bound: Mapping[str, str], body: dict[str, Any] | None
    ) -> Any:
        """The request of a method such as `UpdateContact`, of its path and its body."""

    def problem(
        self, row: Any, status: Status | None, said: Sequence[tuple[str, str, str]] = ()
    ) -> dict[str, Any]:
        """The problem of a row, as a single request would have been answered.

        `said` are faults that no request has: path, code and message of each.
        """
