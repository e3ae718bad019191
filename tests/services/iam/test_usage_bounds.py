"""How much a report can leave behind, whatever it says and however often it comes."""

from dataclasses import replace
from itertools import product

import pytest
from prospectconnect.iam.v1 import usage_pb2 as pb

from edge.usage import reports as usage_reports
from services.caller import Caller
from services.iam import usage_records
from services.iam.usage_sums import MOST_LISTED
from services.ids import new_id
from tests.services.iam.usage_office import Office, Run, noted, office_of, part


@pytest.fixture
def run(database_url: str) -> Run:
    """Runs a test in a tenant of its own."""
    return office_of(database_url)


async def rows_of(office: Office) -> tuple[int, int]:
    """How many rows count the owner's requests, and the largest number in one."""
    (row,) = await office.database.rows(
        "SELECT count(*), max(requests) FROM usage_days WHERE business_id = $1",
        office.owner.business_id,
    )
    return row[0], row[1]


def made_up(caller: Caller, first: int, past: int) -> pb.CallerUsage:
    letters = str.maketrans("0123456789", "abcdefghij")
    names = (f"Get{n}".translate(letters) for n in range(first, past))
    return part(caller, *((name, "", 2**31 - 1) for name in names))


def test_made_up_names_fill_neither_the_table_nor_the_page(run: Run) -> None:
    async def work(office: Office) -> None:
        other = replace(office.owner, token_id=new_id("pat_"))
        for first in "xyz":
            names = map("".join, product(first, *["abcdefghij"] * 3))
            made_up = part(office.owner, *(("GetDeal", each, 1) for each in names))
            await office.record(made_up, part(other, ("GetMe", "", 1)))
        usage = await office.usage()
        assert usage.days[-1].outcomes == pb.Outcomes(good=3, client_errors=1_000)
        assert len(usage.problems) == MOST_LISTED

    run(work)


def test_a_holder_has_so_many_rows_however_a_report_is_cut(run: Run) -> None:
    async def work(office: Office) -> None:
        whose = office.owner
        parts = [made_up(whose, n * 400, n * 400 + 400) for n in range(10)]
        await office.record(*parts)
        assert await rows_of(office) == (1_000, 1_000_000)

    run(work)


def test_a_holder_has_so_many_rows_however_many_reports_come(run: Run) -> None:
    async def work(office: Office) -> None:
        whose = office.owner
        await office.record(part(whose, ("GetDeal", "", 1)))
        for n in range(4):
            await office.record(made_up(whose, n * 400, n * 400 + 400))
        assert (await rows_of(office))[0] == 1_000
        await office.record(part(whose, ("GetDeal", "", 5), ("ListMore", "", 1)))
        named = {each.operation: each for each in (await office.usage()).operations}
        assert "ListMore" not in named
        (row,) = await office.database.rows(
            "SELECT requests FROM usage_days"
            " WHERE business_id = $1 AND operation = 'GetDeal'",
            whose.business_id,
        )
        assert row[0] == 6, "what is there goes on counting"

    run(work)


def test_many_parts_of_a_holder_remember_no_more_requests_than_one(run: Run) -> None:
    async def work(office: Office) -> None:
        given = part(office.owner)
        given.requests.extend(noted() for _ in range(25))
        await office.record(*[given] * 10)
        assert len(await office.requests()) == usage_records.MOST_REQUESTS

    run(work)


def test_a_report_has_as_many_callers_as_an_edge_puts_into_one(run: Run) -> None:
    async def work(office: Office) -> None:
        callers = [replace(office.owner, token_id=new_id("pat_")) for _ in range(251)]
        await office.record(*(part(each, ("GetDeal", "", 1)) for each in callers))
        assert (await rows_of(office))[0] == usage_reports.MOST_CALLERS

    run(work)
