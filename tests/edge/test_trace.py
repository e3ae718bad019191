"""Trace context: continued where it is sound, begun anew where it is not."""

import re

import pytest

from edge.trace import start_trace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("header", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-01", "01"),
        (f"00-{TRACE}-{SPAN}-00", "00"),
        (f"00-{TRACE}-{SPAN}-03", "01"),
        (f" 00-{TRACE}-{SPAN}-01\t", "01"),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be", "01"),
    ],
)
def test_a_trace_is_continued(header: str, flags: str) -> None:
    trace = start_trace([header])
    assert trace.trace_id == TRACE
    assert trace.span_id != SPAN
    assert trace.traceparent == f"00-{TRACE}-{trace.span_id}-{flags}"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        [f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01"],
        [f"ff-{TRACE}-{SPAN}-01"],
        [f"00-{TRACE}-{SPAN}-01-more"],
        [f"00-{TRACE.upper()}-{SPAN}-01"],
        [f"00-{'0' * 32}-{SPAN}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"00-{TRACE[:24]}{'0' * 8}-{SPAN}-01"],  # as those of imports
        [f"00-{TRACE}-{SPAN}"],
    ],
)
def test_a_trace_begins(headers: list[str]) -> None:
    trace = start_trace(headers)
    assert not trace.trace_id.startswith(TRACE[:24])
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", trace.traceparent)
    assert start_trace([]).trace_id != trace.trace_id
