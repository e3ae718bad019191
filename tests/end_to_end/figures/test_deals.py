"""The funnel and the forecast of deals are what a model makes of the same moves."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from statistics import median
from typing import Any

import pytest

from tests.client import Client, moment
from tests.end_to_end.conftest import OpenClient
from tests.world import Tenant

FIRST, LAST = "2020-01-01T00:00:00Z", "2029-12-31T00:00:00Z"
Moves = list[tuple[datetime, str]]


def stages(client: Client) -> list[dict[str, Any]]:
    (pipeline,) = client.search("/pipelines")["data"]
    found: list[dict[str, Any]] = pipeline["stages"]
    return found


def asked(client: Client, path: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    answer = client.post(path, body)
    assert answer.status == 200, answer.body
    read = json.loads(answer.body, parse_float=Decimal, parse_int=Decimal)
    found: list[dict[str, Any]] = read["data"]
    return found


def wander(client: Client, owners: Sequence[str], random: Random) -> list[Any]:
    """Deals that are moved about, and each of them as it is in the end."""
    ids = [each["id"] for each in stages(client)]
    made = []
    for n in range(12):
        body: dict[str, Any] = {
            "name": f"Deal {n}",
            "owner_id": random.choice(owners),
            "stage_id": random.choice(ids),
            "value": random.choice((None, 0.05, 1_000, 12.5)),
            "currency": random.choice(("EUR", "USD")),
            "expected_close_date": random.choice((None, *DAYS)),
        }
        deal = client.create("/deals", body)
        for stage in random.choices(ids, k=random.randint(0, 6)):
            answer = client.post(f"/deals/{deal['id']}/stage", {"stage_id": stage})
            deal = answer.json
        made.append(deal)
    return made


def moves_of(client: Client, deal: Mapping[str, Any]) -> Moves:
    """Which stages a deal entered, and when, as its history says."""
    body = {"fields": ["stage_id"], "limit": 100}
    told = client.post(f"/deals/{deal['id']}/history", body).json["data"]
    return [(moment(each["at"]), each["to"]) for each in reversed(told)]


def funnel(all_moves: Sequence[Moves], order: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What became of the deals that entered each stage for the first time."""
    return [_row(all_moves, order, place) for place in range(len(order))]


def _row(
    all_moves: Sequence[Moves], order: Sequence[Mapping[str, Any]], place: int
) -> dict[str, Any]:
    stage = order[place]["id"]
    kinds = {each["id"]: each["type"] for each in order}
    later = {each["id"] for each in order[place + 1 :] if each["type"] != "lost"}
    since = [
        moves[[at for _, at in moves].index(stage) :]
        for moves in all_moves
        if any(at == stage for _, at in moves)
    ]
    stayed = [_seconds(m[1][0] - m[0][0]) for m in since if len(m) > 1]
    share = None
    if since and later:
        further = sum(any(at in later for _, at in moves) for moves in since)
        share = Decimal(further) / len(since)
    return {
        "stage_id": stage,
        "entered": len(since),
        "left": len(stayed),
        "won": sum(any(kinds[at] == "won" for _, at in moves) for moves in since),
        "lost": sum(any(kinds[at] == "lost" for _, at in moves) for moves in since),
        "conversion": share and share.quantize(Decimal("0.0001"), ROUND_HALF_UP),
        "median_seconds": median(stayed) if stayed else None,
    }


def _seconds(span: timedelta) -> Decimal:
    whole = span.days * 86_400 + span.seconds
    return whole + Decimal(span.microseconds) / 1_000_000


@pytest.mark.parametrize("seed", range(3))
def test_a_funnel_is_what_the_history_tells(
    owner: Client, tenant: Tenant, open_client: OpenClient, seed: int
) -> None:
    random, order = Random(seed), stages(owner)
    users = [tenant.users["owner"], tenant.users["member"]]
    deals = wander(owner, users, random)
    member = open_client(tenant.tokens["member"])
    for client in (owner, member):
        seen = [
            each
            for each in deals
            if client is owner or each["owner_id"] == tenant.users["member"]
        ]
        moves = [moves_of(client, each) for each in seen]
        body = {"from": FIRST, "to": LAST}
        assert asked(client, "/deals/funnel", body) == funnel(moves, order)
        euros = {"field": "currency", "operator": "eq", "value": "EUR"}
        some = [m for m, e in zip(moves, seen, strict=True) if e["currency"] == "EUR"]
        body_of_some = {**body, "filters": [euros]}
        assert asked(client, "/deals/funnel", body_of_some) == funnel(some, order)
    nobody = {"from": "2019-01-01T00:00:00Z", "to": FIRST}
    assert all(row["entered"] == 0 for row in asked(owner, "/deals/funnel", nobody))
    # Planted: a model that forgets the deals' first stages.
    moves = [moves_of(owner, each)[1:] for each in deals]
    body = {"from": FIRST, "to": LAST}
    assert asked(owner, "/deals/funnel", body) != funnel(moves, order)


def test_a_wrong_period_is_refused(owner: Client) -> None:
    for body, codes in (
        ({}, {"from": "required", "to": "required"}),
        ({"from": LAST, "to": FIRST}, {"to": "too_small"}),
        ({"from": "2000-01-01T00:00:00Z", "to": LAST}, {"to": "too_large"}),
        (
            {"from": FIRST, "to": LAST, "pipeline_id": "pip_0"},
            {"pipeline_id": "not_found"},
        ),
    ):
        assert owner.post("/deals/funnel", body).codes == codes
    assert owner.post("/deals/forecast", {"months": 25}).codes == {
        "months": "too_large"
    }
    unknown = owner.post("/deals/forecast", {"pipeline_id": "pip_0"})
    assert unknown.codes == {"pipeline_id": "not_found"}


def _month(ahead: int) -> str:
    today = datetime.now(UTC).date()
    years, month = divmod(today.month - 1 + ahead, 12)
    return date(today.year + years, month + 1, 1).isoformat()


DAYS = ("2001-02-03", _month(0), _month(1), _month(5), _month(11), _month(12))


def forecast(deals: Sequence[Any], order: Sequence[Any], months: int) -> list[Any]:
    likely = {each["id"]: each["probability"] for each in order}
    now, end = _month(0)[:7], _month(months)[:7]
    found: dict[Any, list[Any]] = defaultdict(list)
    for deal in deals:
        day = deal["expected_close_date"]
        if deal["status"] != "open" or (day is not None and day[:7] >= end):
            continue
        is_overdue = day is not None and day[:7] < now
        month = None if day is None or is_overdue else day[:7]
        found[not is_overdue, month or "~", deal["currency"]].append(deal)
    return [
        {
            "month": None if month == "~" else month,
            "overdue": not later,
            "currency": currency,
            "count": len(its),
            "value": sum((_value(e) for e in its), Decimal(0)),
            "weighted": sum(
                (_value(e) * likely[e["stage_id"]] / 100 for e in its), Decimal(0)
            ).quantize(Decimal("0.01"), ROUND_HALF_UP),
        }
        for (later, month, currency), its in sorted(found.items())
    ]


def _value(deal: Mapping[str, Any]) -> Decimal:
    return Decimal(repr(deal["value"] or 0))


def test_a_forecast_is_what_open_deals_come_to(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    order, random = stages(owner), Random(9)
    users = [tenant.users["owner"], tenant.users["member"]]
    deals = wander(owner, users, random) + wander(owner, users, random)
    for months in (1, 6, 12, 24):
        before = forecast(deals, order, months)  # another month may begin meanwhile
        told = asked(owner, "/deals/forecast", {"months": months})
        assert told in (before, forecast(deals, order, months))
    own = [each for each in deals if each["owner_id"] == tenant.users["member"]]
    member = open_client(tenant.tokens["member"])
    before = forecast(own, order, 12)
    told = asked(member, "/deals/forecast", {})
    assert told in (before, forecast(own, order, 12))


def test_a_funnel_of_before_the_log_says_so(owner: Client) -> None:
    kept = owner.post("/deals/funnel", {"from": FIRST, "to": LAST}).json["kept_since"]
    after = str(datetime.fromisoformat(kept) + timedelta(microseconds=1))
    for begin, end, is_whole in (
        (kept, LAST, True),
        (after, LAST, True),
        (FIRST, LAST, False),
        ("2019-01-01T00:00:00Z", "2019-02-01T00:00:00Z", False),
    ):
        body = {"from": begin.replace(" ", "T"), "to": end}
        told = owner.post("/deals/funnel", body)
        assert told.status == 200, told.body
        assert told.json["is_whole"] is is_whole, body
