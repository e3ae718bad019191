"""What came back of a call, with what its headers say beside the body."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prospectconnect_contract.operations import Call, RateLimit, Response

_POLICY = re.compile(r'"default";q=[0-9]+;w=([0-9]+)')


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
        """The body, read; None when there is none.

        A number is an `int`, or a `Decimal` where it has a fraction or an exponent.
        """
        return json.loads(self.body, parse_float=Decimal) if self.body else None

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
        told = self._count("retry-after")
        return None if told is None else float(told)

    @property
    def rate_limit(self) -> RateLimit | None:
        """What the token may still send, when the server says so."""
        limit = self._count("x-ratelimit-limit")
        remaining = self._count("x-ratelimit-remaining")
        reset = self._count("x-ratelimit-reset")
        if limit is None or remaining is None or reset is None:
            return None
        policy = _POLICY.fullmatch(self.headers.get("ratelimit-policy", ""))
        window = int(policy[1]) if policy else None
        return RateLimit(limit, remaining, reset, window)

    def to(self, call: Call) -> Response[Any]:
        """This answer as one to a call, with the exact amounts that it tells of."""
        data = self.json
        for place in call.amounts:
            _make_exact(data, place)
        return Response(
            data,
            self.status,
            self.headers,
            self.etag,
            self.trace_id,
            self.replayed,
            self.rate_limit,
        )

    def _count(self, header: str) -> int | None:
        """A header that is a count; None for any other."""
        told = self.headers.get(header, "")
        return int(told) if told.isascii() and told.isdigit() else None


def _make_exact(node: Any, place: Sequence[str]) -> None:
    """Makes the whole numbers at a place decimals, as those with a fraction are."""
    if isinstance(node, list):
        for each in node:
            _make_exact(each, place)
    elif isinstance(node, dict):
        name, *rest = place
        if rest:
            _make_exact(node.get(name), rest)
        elif type(node.get(name)) is int:
            node[name] = Decimal(node[name])
