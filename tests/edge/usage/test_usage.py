"""What the edge counts and notes: bounded, lost by nobody, and without any value."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.type.date_pb2 import Date
from prospectconnect.iam.v1.usage_pb2 import DayUsage, Outcomes

from edge.account.plot import HEIGHT, plot_of, round_up
from edge.calls.ending import count_call
from edge.figures import Figures
from edge.problems import Fault, ProblemError, validation_failed
from edge.trace import start_trace
from edge.upstream.channel import UpstreamMethod
from edge.usage import reports as usage_reports
from edge.usage.counts import count_failed, count_good, detail_of
from edge.usage.reports import (
    MOST_CALLERS,
    MOST_NOTED,
    UsageReporter,
    request_of,
)
from edge.usage.tallies import (
    MOST_FAILED,
    MOST_IDLE,
    MOST_LIMITED,
    MOST_SAMPLED,
    MOST_TALLIES,
    Tallies,
    Tally,
)
from edge.watch import Watch

TRACE = start_trace([])


def good(tally: Tally) -> None:
    """Counts a good answer."""
    count_good(tally, "GetContact", 200, TRACE, 0.0)


def failed(tally: Tally, reason: str = "NOT_FOUND") -> None:
    """Counts a request that failed."""
    count_failed(tally, "GetContact", ProblemError(reason, "x"), TRACE, 0.0)


def test_what_is_counted_while_a_report_is_made_is_in_the_next() -> None:
    tallies = Tallies()
    tally = tallies.of(b"receipt")
    for _ in range(5):
        good(tally)
    (first,) = tallies.take()
    assert first.good == {"GetContact": 5}
    good(tally)
    failed(tally)
    (second,) = tallies.take()
    assert second.good == {"GetContact": 1}
    assert second.failed == {("GetContact", "not-found"): 1}
    assert list(tallies.take()) == []


def test_all_that_is_kept_is_bounded() -> None:
    tallies = Tallies()
    tally = tallies.of(b"receipt")
    for _ in range(1_000):
        good(tally)
        failed(tally)
    (taken,) = tallies.take()
    assert len(taken.noted) == MOST_SAMPLED + MOST_FAILED
    assert taken.failed == {("GetContact", "not-found"): 1_000}
    for number in range(MOST_TALLIES + 10):
        tallies.of(b"%d" % number).good["GetMe"] = 1
    assert len(list(tallies.take())) == MOST_TALLIES - 1
    many = [Tally(b"x", noted=taken.noted) for _ in range(MOST_CALLERS)]
    noted = sum(len(each.requests) for each in request_of(many).callers)
    assert noted == MOST_NOTED


def test_refusals_of_the_rate_limit_take_no_room_of_what_failed() -> None:
    tallies = Tallies()
    tally = tallies.of(b"receipt")
    for _ in range(2):
        for _ in range(1_000):
            failed(tally, "RATE_LIMITED")
        failed(tally)
        (taken,) = tallies.take()
        noted = [each.problem for each in taken.noted]
        assert noted == ["rate-limited"] * MOST_LIMITED + ["not-found"]
        assert taken.failed["GetContact", "rate-limited"] == 1_000


def test_a_tally_outlives_the_longest_request_and_no_more() -> None:
    tallies = Tallies()
    tally = tallies.of(b"receipt")
    for _ in range(MOST_IDLE):
        assert list(tallies.take()) == []
    assert tallies.of(b"receipt") is tally
    assert list(tallies.take()) == []
    assert tallies.of(b"receipt") is not tally


def test_services_that_give_no_receipt_get_no_report() -> None:
    tallies = Tallies()
    tallies.of(b"").good["GetMe"] = 1
    assert list(tallies.take()) == []


def test_a_request_without_a_caller_is_nobodys() -> None:
    edge: Any = SimpleNamespace(watch=Watch())
    operation = SimpleNamespace(name="GetMe")
    nobody: Any = SimpleNamespace(operation=operation, trace=TRACE, touched=None)
    count_call(edge, nobody, 401, 0.0, ProblemError("TOKEN_MISSING", "x"))


def test_what_cannot_be_reported_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    async def away(method: Any, request: Any, *_: Any) -> Any:
        asked.append(request)
        raise ProblemError("UNAVAILABLE", "x")

    monkeypatch.setattr(usage_reports, "call", away)
    tallies = Tallies()
    for number in range(MOST_CALLERS + 1):
        tallies.of(b"%d" % number).good["GetMe"] = 1
    method, figures = cast("UpstreamMethod", None), Figures()
    asyncio.run(UsageReporter(method, tallies, figures).report())
    assert figures.usage_dropped == MOST_CALLERS + 1
    assert [len(each.callers) for each in asked] == [MOST_CALLERS, 1]
    assert list(tallies.take()) == []


@pytest.mark.parametrize(
    "sent", ["'x' was sent", '"it\'s" was sent', "'a' and 'b'", "'a\nb' was"]
)
def test_whatever_a_client_sent_is_left_out(sent: str) -> None:
    told = detail_of(ProblemError("BAD_REQUEST", f"There is none, but {sent}."))
    assert told.startswith("There is none, but '…'")
    assert not set("xab") & set(told.replace("but", "").replace("was", "")[20:])


def test_faults_are_told_by_path_and_code_alone() -> None:
    faults = [Fault(f"f{n}" + "x" * 90, "invalid_type", "a secret") for n in range(20)]
    told = detail_of(validation_failed(faults, omitted=5))
    assert "secret" not in told
    assert told.startswith("f0")
    assert told.count("(invalid_type)") <= 8
    assert len(told) <= 500


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 4), (4, 4), (5, 5), (6, 10), (11, 20), (30, 40), (41, 50), (99_999, 100_000)],
)
def test_a_plot_ends_at_a_round_number(most: int, top: int) -> None:
    assert round_up(most) == top


def test_a_plot_shows_whatever_there_is() -> None:
    day = Date(year=2026, month=11, day=5)
    busy = Outcomes(good=99_990, client_errors=5, server_errors=1)
    plot = plot_of([DayUsage(day=day), DayUsage(day=day, outcomes=busy)])
    quiet, loud = plot.columns
    assert quiet.parts == ()
    assert quiet.label == "5 November: no requests"
    expected = "5 November: 99,990 went well, 5 client errors, 1 server error"
    assert loud.label == expected
    assert [part.kind for part in loud.parts] == [
        "good",
        "client_errors",
        "server_errors",
    ]
    for part in loud.parts:
        assert part.height >= 3
        assert 0 <= part.y <= HEIGHT
