"""A stream of server-sent events, which goes on as long as the command runs."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx2

from pcrm.session import token_at
from prospectconnect_client.answers import Answer
from prospectconnect_client.problems import Unreachable, problem_of
from prospectconnect_client.requests import request_of

if TYPE_CHECKING:
    from prospectconnect_client import Call

_SILENCE = 60.0  # seconds; there is a sign of life every 15


def events(address: str, call: "Call") -> Iterator[Any]:
    """The data of each event. Raises Problem or Unreachable."""
    request = request_of(call, token_at(address))
    headers = {**request.headers, "Accept": "text/event-stream"}
    try:
        with (
            httpx2.Client(base_url=address, timeout=_SILENCE) as http,
            http.stream(request.method, request.path, headers=headers) as told,
        ):
            if told.status_code != httpx2.codes.OK:
                raise problem_of(Answer(told.status_code, told.headers, told.read()))
            yield from _data(told.iter_lines())
    except httpx2.RequestError as error:
        raise Unreachable(f"{address}: {error}") from error


def _data(lines: Iterator[str]) -> Iterator[Any]:
    """The data of each event. The event `problem` ends a stream that had begun."""
    event = ""
    for line in lines:
        name, _, text = line.partition(": ")
        if name == "event":
            event = text
        elif name == "data":
            told = json.loads(text, parse_float=Decimal)
            if event == "problem":
                raise problem_of(Answer(told["status"], {}, text.encode()))
            yield told
