"""Usage in the services: what a report may say, and what is kept of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prospectconnect.iam.v1 import usage_pb2 as pb
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION

from services.caller import NOBODY
from services.clock import DAY, SECOND, now, to_timestamp
from services.iam import usage_records
from services.iam.last_used import Uses
from services.iam.tokens import NewToken, insert_token
from services.iam.usage_records import FAILED_KEPT, GOOD_KEPT, LIMITED_KEPT
from services.ids import new_id
from services.sealed.receipts import Receipts, today
from services.sealed.secret_keys import SecretKey, SecretKeys
from tests.services.iam.usage_office import (
    LIMITED,
    NOT_FOUND,
    RECEIPTS,
    Office,
    Run,
    noted,
    office_of,
    part,
)


@pytest.fixture
def run(database_url: str) -> Run:
    """Runs a test in a tenant of its own."""
    return office_of(database_url)


def test_reports_add_up_by_day_operation_and_holder(run: Run) -> None:
    async def work(office: Office) -> None:
        other = replace(office.owner, token_id=new_id("pat_"))
        app = replace(office.owner, client_id="app_1", token_id="oat_1")
        again = replace(app, token_id="oat_2")
        for _ in range(2):
            await office.record(
                part(office.owner, ("GetContact", "", 3), ("GetContact", NOT_FOUND, 1)),
                part(other, ("GetDeal", "rate-limited", 4), ("GetDeal", "", 1)),
                part(app, ("GetMe", "server-error", 1)),
                part(again, ("GetMe", "", 1)),
            )
        usage = await office.usage()
        assert len(usage.days) == 30
        assert usage.days[-1].outcomes == pb.Outcomes(
            good=10, client_errors=2, limited=8, server_errors=2
        )
        assert not any(day.outcomes.good for day in usage.days[:-1])
        named = {each.operation: each.outcomes for each in usage.operations}
        assert list(named) == ["GetDeal", "GetContact", "GetMe"]
        assert named["GetContact"] == pb.Outcomes(good=6, client_errors=2)
        told = {each.problem: each.requests for each in usage.problems}
        assert told == {"rate-limited": 8, NOT_FOUND: 2, "server-error": 2}
        holders = [each.holder.id for each in usage.holders]
        assert holders == [other.token_id, office.owner.token_id, "app_1"]
        assert usage.holders[0].holder.email == "a@b.example"

    run(work)


def test_what_has_no_good_receipt_is_refused_and_the_rest_kept(run: Run) -> None:
    async def work(office: Office) -> None:
        good = RECEIPTS.seal(office.owner)
        swapped = good.replace(b"biz_", b"bit_")
        for receipt in (b"", b"x" * 300, good[:-1], swapped, good + b"x"):
            bad = pb.CallerUsage(receipt=receipt)
            bad.counts.add(operation="GetContact", requests=1)
            assert await office.record(bad, part(office.owner, ("GetDeal", "", 1))) == 1
        other_key = Receipts(SecretKeys(SecretKey(b"another", 0))).seal(office.owner)
        assert await office.record(pb.CallerUsage(receipt=other_key)) == 1
        usage = await office.usage()
        assert [each.operation for each in usage.operations] == ["GetDeal"]

    run(work)


def test_a_receipt_ends_with_the_day_after_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caller = replace(NOBODY, business_id="biz_1", user_id="usr_1", token_id="pat_1")
    sealed = RECEIPTS.seal(caller)
    receipt = RECEIPTS.open(sealed)
    assert receipt is not None
    assert receipt.day == today()
    later = now()
    for days, is_good in ((1, True), (2, False)):
        moment = later + days * DAY
        monkeypatch.setattr(
            "services.sealed.receipts.real_now", lambda moment=moment: moment
        )
        assert (RECEIPTS.open(sealed) is not None) == is_good
    session = replace(caller, token_kind=TOKEN_KIND_SESSION)
    assert RECEIPTS.seal(session) == b"", "what a page asks for is not counted"


@pytest.mark.parametrize(
    "changed",
    [
        {"operation": "<script>"},
        {"operation": ""},
        {"problem": "no such; thing"},
        {"reason": "a b"},
        {"trace_id": "x"},
        {"trace_id": "AB" * 16},
        {"status": 99},
        {"status": 40_000},
        {"milliseconds": -1},
        {"milliseconds": float("nan")},
        {"milliseconds": float("inf")},
    ],
)
def test_what_is_no_request_is_left_out(run: Run, changed: dict[str, object]) -> None:
    async def work(office: Office) -> None:
        given = part(office.owner)
        given.requests.append(noted(**changed))  # type: ignore[arg-type]  # any
        given.requests.append(noted())
        assert await office.record(given) == 0
        assert len(await office.requests()) == 1

    run(work)


def test_a_request_is_told_as_it_was_and_its_text_cannot_turn(run: Run) -> None:
    async def work(office: Office) -> None:
        given = part(office.owner)
        long_ago = to_timestamp(now() - 3 * DAY)
        given.requests.append(noted(detail="a\u202eb" + "x" * 600, at=long_ago))
        given.requests.append(noted(""))
        await office.record(given)
        found = await office.requests(failed=True, trace_id="AB" * 16)
        (told,) = found
        assert told.noted.detail[:3] == "a\ufffdb"
        assert len(told.noted.detail) == 500
        assert told.noted.at.seconds > long_ago.seconds, "no clock is that wrong"
        assert told.holder.id == office.owner.token_id
        assert len(await office.requests()) == 2
        assert await office.requests(trace_id="cd" * 16) == []

    run(work)


def test_what_the_rate_limit_refused_is_no_failure(run: Run) -> None:
    async def work(office: Office) -> None:
        given = part(office.owner)
        given.requests.extend(noted(each) for each in (NOT_FOUND, LIMITED, LIMITED, ""))
        await office.record(given)

        async def found(**asked: bool) -> list[str]:
            return sorted(
                each.noted.problem for each in await office.requests(None, **asked)
            )

        assert await found(failed=True) == [NOT_FOUND]
        assert await found(limited=True) == [LIMITED, LIMITED]
        assert await found(failed=True, limited=True) == [NOT_FOUND, LIMITED, LIMITED]
        assert await found() == ["", NOT_FOUND, LIMITED, LIMITED]

    run(work)


def test_roles_decide_whose_usage_is_seen(run: Run) -> None:
    async def work(office: Office) -> None:
        member = replace(office.owner, user_id="usr_other", role="member")
        for caller in (office.owner, member):
            given = part(caller, ("GetContact", "", 1))
            given.requests.append(noted())
            await office.record(given)
        for role, seen in (("owner", 2), ("admin", 2), ("manager", 1), ("viewer", 1)):
            caller = replace(member, role=role)
            usage = await office.usage(caller)
            assert usage.whole_tenant == (seen == 2)
            assert usage.days[-1].outcomes.good == seen
            assert len(await office.requests(caller)) == seen
        stranger = replace(office.owner, business_id="biz_of_others")
        assert not (await office.usage(stranger)).operations
        assert await office.requests(stranger) == []

    run(work)


def test_the_sweep_forgets_what_is_old_and_what_is_too_much(run: Run) -> None:
    async def work(office: Office) -> None:
        kept = {NOT_FOUND: FAILED_KEPT, LIMITED: LIMITED_KEPT, "": GOOD_KEPT}
        for problem, times in {each: kept[each] + 30 for each in kept}.items():
            for _ in range(0, times, 30):
                given = part(office.owner)
                given.requests.extend(noted(problem) for _ in range(30))
                await office.record(given)
        await office.record(part(office.owner, ("GetContact", "", 1)))
        whose = office.owner.business_id
        old = today() - timedelta(days=usage_records.DAYS_KEPT)
        await office.database.run(
            "INSERT INTO usage_days (business_id, day, user_id, holder_id, operation,"
            " problem, requests) VALUES ($1, $2, 'usr_1', 'pat_1', 'GetDeal', '', 1)",
            whose,
            old,
        )
        await office.database.run(
            "UPDATE recent_requests SET at = $2 WHERE business_id = $1 AND id ="
            " (SELECT max(id) FROM recent_requests WHERE business_id = $1)",
            whose,
            now() - 8 * DAY,
        )
        await usage_records.sweep(office.database, whose)
        counted = await office.database.rows(
            "SELECT problem, count(*) FROM recent_requests WHERE business_id = $1"
            " GROUP BY problem",
            whose,
        )
        assert dict(map(tuple, counted)) == kept
        days = await office.database.rows(
            "SELECT day FROM usage_days WHERE business_id = $1", whose
        )
        assert [row[0] for row in days] == [today()]

    run(work)


def test_a_token_is_written_as_used_once_a_minute(run: Run) -> None:
    async def work(office: Office) -> None:
        whose = office.owner.business_id, office.owner.user_id
        wanted = NewToken(["deal.read"], None)
        token, _ = await insert_token(office.database, *whose, wanted)
        uses = Uses()
        uses.note(whose[0], token.id)
        uses.note(whose[0], new_id("pat_"))
        await uses.write(office.database)
        found = await office.database.rows(
            "SELECT last_used_at, xmin::text FROM tokens WHERE business_id = $1",
            whose[0],
        )
        assert 0 <= now() - found[0][0] < 2 * 60 * 1_000_000
        await office.database.run(
            "UPDATE tokens SET last_used_at = $2 WHERE business_id = $1",
            whose[0],
            now() + DAY,
        )
        uses.note(whose[0], token.id)
        await uses.write(office.database)
        (after,) = await office.database.rows(
            "SELECT last_used_at FROM tokens WHERE business_id = $1", whose[0]
        )
        assert after[0] > now(), "what is later already is not written again"

    run(work)


def test_requests_are_found_by_token_operation_status_and_time(run: Run) -> None:
    async def work(office: Office) -> None:
        other = replace(office.owner, token_id=new_id("pat_"))
        hour = to_timestamp(now() - 3_600 * SECOND)
        for caller in (office.owner, other):
            told = part(caller)
            for operation, status, problem in (
                ("GetContact", 404, NOT_FOUND),
                ("CreateContact", 422, "validation"),
                ("CreateContact", 200, ""),
            ):
                told.requests.append(noted(problem, operation=operation, status=status))
            told.requests.append(noted(at=hour))
            await office.record(told)

        async def count(**asked: object) -> int:
            return len(await office.requests(None, **asked))

        token = office.owner.token_id
        assert await count() == 8
        assert await count(holder_id=token) == 4
        assert await count(holder_id="pat_none") == 0
        assert await count(operations=["CreateContact"]) == 4
        assert await count(operations=["CreateContact", "GetContact"]) == 8
        assert await count(operations=["x"]) == 0
        assert await count(status=4) == 6
        assert await count(status=422, holder_id=token) == 1
        assert await count(status=-1) == 0
        assert await count(within_seconds=1800) == 6
        assert await count(within_seconds=-5) == 8
        assert await count(within_seconds=2**31 - 1) == 8
        assert await count(failed=True, operations=["CreateContact"]) == 2

    run(work)
