"""A client gets a 422 whatever a decoder refuses. Planted: decoders that go astray."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest
from google.protobuf.message import Message
from multidict import CIMultiDict

from edge.calls.exchange import Exchange
from edge.calls.perform import perform
from edge.limits.load import Entry, Load
from edge.problems import ProblemError
from edge.trace import start_trace
from edge.transcoder.formats import Unreadable
from edge.upstream.channel import UpstreamMethod
from edge.versions.contracts import Contract
from tests.edge.operations import SEARCH

NOTHING_UPSTREAM = cast("UpstreamMethod", None)  # it must not come so far


def refused(body: Any) -> dict[str, str]:
    """The faults of a body that is decoded by one who reads nothing."""

    def decode(_: Any, path_values: Mapping[str, str]) -> Message:
        raise Unreadable("invalid", "Nothing can be read.")

    exchange = Exchange(
        headers=CIMultiDict(),
        operation=replace(SEARCH, decode=decode),
        path_values={},
        deadline=time.monotonic() + 60,
        trace=start_trace([]),
        contract=Contract(date(2026, 11, 1), (), ()),
        entry=Entry(Load(most=1)),
    )
    exchange.token, exchange.body = "pcp_1", body
    with pytest.raises(ProblemError) as raised:
        asyncio.run(perform(exchange, NOTHING_UPSTREAM))
    assert raised.value.reason == "VALIDATION_FAILED"
    errors = raised.value.members["errors"]
    return {fault.field: fault.code for fault in errors}


def test_what_is_left_of_a_body_may_be_unreadable_too() -> None:
    assert refused({"limit": "x", "cursor": "c"}) == {"limit": "invalid_type"}


def test_a_body_may_be_refused_without_a_fault() -> None:
    assert refused({"limit": 5}) == {"body": "invalid"}
