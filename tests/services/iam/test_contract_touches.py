"""What edges count of older contracts: added up, bounded, and nobody else's."""

from dataclasses import replace

from prospectconnect.iam.v1 import contracts_pb2
from prospectconnect.iam.v1 import usage_pb2 as pb

from services.caller import CURRENT_CALL, Call, Caller
from services.clock import now, to_timestamp
from services.iam import contract_touches
from services.iam.contract_reports import ContractService
from services.iam.contract_touches import MOST_KEPT, MOST_TIMES, MOST_TOUCHED
from services.ids import new_id
from tests.services.iam.usage_office import RECEIPTS, Office, office_of

OLD, NEW, LATER = "2026-06-01", "2026-11-01", "2026-11-20"
TRACE = "a" * 32


def touched(operation: str = "SearchContacts", requests: int = 1) -> pb.TouchedCount:
    return pb.TouchedCount(
        operation=operation,
        version=OLD,
        changed_by=NEW,
        requests=requests,
        at=to_timestamp(now()),
        trace_id=TRACE,
        members=["include_total"],
    )


async def told(office: Office, caller: Caller, *counts: pb.TouchedCount) -> None:
    part = pb.CallerUsage(receipt=RECEIPTS.seal(caller), touched=counts)
    assert await office.record(part) == 0


async def report(office: Office, caller: Caller, date: str = NEW) -> dict[str, int]:
    CURRENT_CALL.set(Call(caller))
    service = ContractService(office.database, (OLD, NEW, LATER))
    asked = contracts_pb2.ReadContractReportRequest(date=date)
    found = await service.ReadContractReport(asked, None)
    return {each.operation: each.differs for each in found.data}


def test_counts_add_up_and_stay_in_the_tenant(database_url: str) -> None:
    async def work(office: Office) -> None:
        owner = office.owner
        later = touched("GetDeal")
        later.version, later.changed_by = NEW, LATER
        for _ in range(2):
            await told(office, owner, touched(), touched(requests=3), later)
        expected = {"searchContacts": 8}
        assert await report(office, owner) == expected
        assert await report(office, owner, LATER) == expected | {"getDeal": 2}
        assert await report(office, owner, OLD) == {}
        assert await report(office, replace(owner, business_id=new_id("biz_"))) == {}
        await contract_touches.sweep(office.database, owner.business_id)
        assert await report(office, owner) == expected

    office_of(database_url)(work)


def test_what_no_edge_reports_is_left_out(database_url: str) -> None:
    async def work(office: Office) -> None:
        bad = []
        for name, value in (
            ("operation", "drop table"),
            ("version", "yesterday"),
            ("version", LATER),
            ("changed_by", "2026-11-01x"),
            ("requests", 0),
            ("requests", -5),
            ("trace_id", "secret"),
        ):
            each = touched()
            setattr(each, name, value)
            bad.append(each)
        named = touched()
        named.members.append("a value, with a comma")
        await told(office, office.owner, *bad, named)
        assert await report(office, office.owner) == {}

    office_of(database_url)(work)


def test_rows_and_numbers_are_bounded(database_url: str) -> None:
    async def work(office: Office) -> None:
        owner = office.owner
        await told(office, owner, touched(requests=2**31 - 1), touched(requests=1))
        assert await report(office, owner) == {"searchContacts": MOST_TIMES}
        for turn in "ABCDEFG":
            names = [
                f"Get{turn}{chr(65 + n % 26)}{chr(65 + n // 26)}" for n in range(150)
            ]
            await told(office, owner, *map(touched, names))
        kept = await office.database.row(
            "SELECT count(*) FROM contract_touches WHERE business_id = $1",
            owner.business_id,
        )
        assert kept is not None
        assert MOST_KEPT <= kept[0] <= MOST_KEPT + MOST_TOUCHED

    office_of(database_url)(work)
