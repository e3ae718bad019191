"""Dated contracts: which one applies, and what walking the chain does."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from edge.problems import ProblemError
from edge.surface import public_services
from edge.transcoder.routes import Route, routes_of
from edge.versions import CHANGES
from edge.versions.contracts import Change, Contracts, Ending, Touched

ROUTES = {route.rpc.rpartition("/")[2]: route for route in routes_of(public_services())}
SEARCH, GET = ROUTES["SearchContacts"], ROUTES["GetContact"]
TODAY = date(2027, 3, 1)
CONTRACTS = Contracts(CHANGES, today=TODAY.toordinal)


@pytest.mark.parametrize(
    ("header", "applied"),
    [
        ("2026-06-01", "2026-06-01"),
        ("2026-10-31", "2026-06-01"),
        ("2026-11-01", "2026-11-01"),
        (" 2027-03-01 ", "2026-11-01"),
    ],
)
def test_the_newest_contract_on_or_before_the_date(header: str, applied: str) -> None:
    assert CONTRACTS.of([header]).headers == {"Version": applied}


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ([], "is required"),
        (["2026-06-01", "2026-06-01"], "given once"),
        ([""], "must be a date"),
        (["2026-6-1"], "must be a date"),
        (["20260601"], "must be a date"),
        (["2026-02-30"], "must be a date"),
        (["2026-06-01T00:00:00Z"], "must be a date"),
        (["2026-05-31"], "before the first"),
        (["2027-03-02"], "in the future"),
    ],
)
def test_other_headers_are_refused(headers: list[str], detail: str) -> None:
    with pytest.raises(ProblemError, match=detail) as caught:
        CONTRACTS.of(headers)
    assert caught.value.reason == "BAD_REQUEST"
    assert "2026-06-01, 2026-11-01" in caught.value.detail


def test_a_future_date_is_good_once_it_comes() -> None:
    days = [date(2026, 12, 1)]

    def today() -> int:
        return days[-1].toordinal()

    contracts = Contracts(CHANGES, today=today)
    with pytest.raises(ProblemError, match="future; today is 2026-12-01 in UTC"):
        contracts.of(["2026-12-02"])
    days.append(date(2026, 12, 2))
    assert contracts.of(["2026-12-02"]) is contracts.newest


@pytest.mark.parametrize(
    ("version", "body", "upgraded"),
    [
        ("2026-06-01", {}, {"include_total": True}),
        ("2026-06-01", {"include_total": None}, {"include_total": True}),
        ("2026-06-01", {"include_total": False}, {"include_total": False}),
        ("2026-11-01", {}, {}),
    ],
)
def test_the_first_contract_has_its_total_unasked(
    version: str, body: dict[str, Any], upgraded: dict[str, Any]
) -> None:
    before = dict(body)
    assert CONTRACTS.of([version]).upgrade(SEARCH, body) == upgraded
    assert body == before


def test_only_searches_are_touched() -> None:
    assert CONTRACTS.of(["2026-06-01"]).upgrade(GET, {}) == {}
    answer = {"id": "con_1"}
    assert CONTRACTS.of(["2026-06-01"]).downgrade(GET, answer) == answer


def invented(day: date) -> Change:
    """A contract that leaves its date wherever it is walked."""

    def upgrade(route: Route, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "walked": [*body.get("walked", []), str(day)]}

    return Change(day, upgrade, upgrade)


def test_an_old_contract_walks_every_change_since() -> None:
    days = [date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)]
    contracts = Contracts([invented(day) for day in days], today=TODAY.toordinal)
    oldest = contracts.of(["2026-06-01"])
    forward = ["2026-07-01", "2026-08-01", "2026-09-01"]
    assert oldest.upgrade(GET, {})["walked"] == forward
    assert oldest.downgrade(GET, {})["walked"] == forward[::-1]
    assert contracts.of(["2026-08-15"]).upgrade(GET, {})["walked"] == forward[2:]
    assert contracts.newest.upgrade(GET, {}) == {}


def test_a_contract_that_ends_says_so() -> None:
    ending = Ending(
        deprecated=datetime(2026, 12, 1, tzinfo=UTC),
        sunset=datetime(2027, 6, 1, 12, tzinfo=UTC),
        link="https://docs.example/old",
    )
    endings = {date(2026, 6, 1): ending}
    contracts = Contracts(CHANGES, endings, today=TODAY.toordinal)
    assert contracts.of(["2026-06-01"]).headers == {
        "Version": "2026-06-01",
        "Deprecation": "@1796083200",
        "Sunset": "Tue, 01 Jun 2027 12:00:00 GMT",
        "Link": '<https://docs.example/old>; rel="deprecation"; type="text/html"',
    }
    assert contracts.of(["2026-11-01"]).headers == {"Version": "2026-11-01"}


def test_the_first_change_that_touches_a_call_is_noted() -> None:
    """Whether it is one of the request or one of the answer."""

    def adds(name: str) -> Any:
        return lambda route, body: {**body, name: 1}

    def same(route: Route, body: dict[str, Any]) -> dict[str, Any]:
        return body

    def copied(route: Route, body: dict[str, Any]) -> dict[str, Any]:
        return dict(body)

    days = [date(2026, month, 1) for month in range(1, 6)]
    changes = (
        Change(days[0]),
        Change(days[1], same, copied),
        Change(days[2], copied, adds("lost")),
        Change(days[3], adds("asked"), same),
        Change(days[4], adds("more"), adds("least")),
    )
    contracts = Contracts(changes, today=TODAY.toordinal)
    for version, day, members in (
        (days[0], days[2], ("lost",)),
        (days[1], days[2], ("lost",)),
        (days[2], days[3], ("asked",)),
        (days[3], days[4], ("more",)),
    ):
        contract, touched = contracts.of([str(version)]), Touched()
        assert contract.is_old
        contract.upgrade(GET, {"a": 1}, touched)
        contract.downgrade(GET, {"a": 1}, touched)
        assert (touched.day, touched.members) == (day, members)
    assert not contracts.newest.is_old


def test_what_a_call_has_already_is_no_change() -> None:
    touched = Touched()
    oldest = CONTRACTS.of(["2026-06-01"])
    oldest.upgrade(SEARCH, {"include_total": False}, touched)
    oldest.upgrade(GET, {}, touched)
    assert touched.day is None
    oldest.upgrade(SEARCH, {"limit": 1}, touched)
    assert (str(touched.day), touched.members) == ("2026-11-01", ("include_total",))
