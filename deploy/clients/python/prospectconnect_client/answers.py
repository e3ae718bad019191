"""The answer to a call: its body, and the information in its headers."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prospectconnect_client.moments import date_of, decimal_of
from prospectconnect_contract.operations import Call, RateLimit, Response

_POLICY = re.compile(r'"default";q=[0-9]+;w=([0-9]+)')


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the API.

    Attributes:
        status: The HTTP status.
        headers: The headers; their names are not case-sensitive.
        body: The bytes of the body; empty for a 204 or 304.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body; None if there is none.

        A number is an `int`, or a `Decimal` if it has a fraction or an exponent.
        """
        return json.loads(self.body, parse_float=Decimal) if self.body else None

    @property
    def etag(self) -> str | None:
        """The record's version, for `if_match` and `If-None-Match`."""
        return self.headers.get("etag")

    @property
    def trace_id(self) -> str | None:
        """The id by which support finds the call."""
        return self.headers.get("x-trace-id")

    @property
    def replayed(self) -> bool:
        """Whether this is the stored answer of an earlier call with the same key."""
        return self.headers.get("idempotent-replayed") == "true"

    @property
    def retry_after(self) -> float | None:
        """The seconds to wait before trying again, if the server states them."""
        told = self._count("retry-after")
        return None if told is None else float(told)

    @property
    def rate_limit(self) -> RateLimit | None:
        """What is left of the rate limit, if the server states it."""
        limit = self._count("x-ratelimit-limit")
        remaining = self._count("x-ratelimit-remaining")
        reset = self._count("x-ratelimit-reset")
        if limit is None or remaining is None or reset is None:
            return None
        policy = _POLICY.fullmatch(self.headers.get("ratelimit-policy", ""))
        window = int(policy[1]) if policy else None
        return RateLimit(limit, remaining, reset, window)

    def to(self, call: Call) -> Response[Any]:
        """This answer as the response to a call.

        Amounts are a `Decimal`, and dates a `date`; `body` has them as they came.
        """
        data = self.json
        for place in call.amounts:
            _convert(data, place, decimal_of)
        for place in call.dates:
            _convert(data, place, date_of)
        return Response(
            data,
            self.status,
            self.headers,
            self.etag,
            self.trace_id,
            self.replayed,
            self.rate_limit,
            self.body,
        )

    def _count(self, header: str) -> int | None:
        """The value of a header that is a whole number; None for any other."""
        told = self.headers.get(header, "")
        return int(told) if told.isascii() and told.isdigit() else None


def _convert(node: Any, place: Sequence[str], read: Callable[[Any], Any]) -> None:
    """Puts what `read` makes of the values at a place into their places."""
    if isinstance(node, list):
        for each in node:
            _convert(each, place, read)
    elif isinstance(node, dict):
        name, *rest = place
        if rest:
            _convert(node.get(name), rest, read)
        elif name in node:
            node[name] = read(node[name])
