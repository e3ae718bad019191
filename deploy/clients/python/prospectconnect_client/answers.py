"""What came back of a call, with what its headers say beside the body."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the API.

    Attributes:
        status: The HTTP status.
        headers: The headers, whose names are found in any case.
        body: The bytes of the body; empty for a 204 or 304.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read; None when there is none."""
        return json.loads(self.body) if self.body else None

    @property
    def etag(self) -> str | None:
        """The record's version, for `if_match` and `If-None-Match`."""
        return self.headers.get("etag")

    @property
    def trace_id(self) -> str | None:
        """The id that the support finds the call by."""
        return self.headers.get("x-trace-id")

    @property
    def replayed(self) -> bool:
        """Whether this is the answer that an earlier call with the same key got."""
        return self.headers.get("idempotent-replayed") == "true"

    @property
    def retry_after(self) -> float | None:
        """In how many seconds to try again, when the server says so."""
        told = self.headers.get("retry-after", "")
        return float(told) if told.isascii() and told.isdigit() else None
