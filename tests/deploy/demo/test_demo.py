"""The demonstration data keep every rule that the API keeps, and tell a true story."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from google.protobuf.message import Message
from prospectconnect.crm.v1.activities_pb2 import (
    Activity,
    CreateActivityRequest,
)
from prospectconnect.crm.v1.companies_pb2 import Company, CreateCompanyRequest
from prospectconnect.crm.v1.contacts_pb2 import (
    LIFECYCLE_STAGE_CUSTOMER,
    LIFECYCLE_STAGE_OPPORTUNITY,
    Contact,
    CreateContactRequest,
)
from prospectconnect.crm.v1.custom_records_pb2 import (
    CreateCustomRecordRequest,
    CustomRecord,
)
from prospectconnect.crm.v1.deals_pb2 import (
    DEAL_STATUS_LOST,
    DEAL_STATUS_OPEN,
    DEAL_STATUS_WON,
    CreateDealRequest,
    Deal,
)
from prospectconnect.crm.v1.notes_pb2 import CreateNoteRequest, Note
from prospectconnect.crm.v1.pipelines_pb2 import Pipeline
from prospectconnect.crm.v1.tasks_pb2 import (
    TASK_STATUS_COMPLETED,
    CreateTaskRequest,
    Task,
)
from prospectconnect.schema.v1.fields_pb2 import Field

from deploy.demo.loading import load_demo
from deploy.demo.tenants import OTHER_TENANT, TENANT
from services.clock import DAY, now
from services.crm.deals import STATUS_OF
from services.every_kind import KINDS
from services.faults import Faults
from services.kinds.custom_fields import value_to_json
from services.kinds.descriptors import record_type
from services.kinds.rules import compile_check
from services.postgres.database import Database
from tests.deploy.demo.loaded import (
    PLANTED,
    Loaded,
    is_told,
    links,
    loaded,
    moment,
)
from tests.promises.records_suite import LINKS

CONTACTS = 700
ENDED = {DEAL_STATUS_WON: "won", DEAL_STATUS_LOST: "lost"}
CREATES: dict[type[Message], type[Message]] = {
    Activity: CreateActivityRequest,
    Company: CreateCompanyRequest,
    Contact: CreateContactRequest,
    Deal: CreateDealRequest,
    Note: CreateNoteRequest,
    Task: CreateTaskRequest,
}
TARGETS: dict[str, type[Message]] = {record_type(each).resource: each for each in KINDS}


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for the module's pool of connections."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def database(
    migrated_database: Callable[[str], str], loop: asyncio.Runner
) -> Iterator[Database]:
    """A database with the demonstration data."""
    url = migrated_database("demonstration")
    database = loop.run(Database.open(url))
    loop.run(load_demo(database, CONTACTS))
    yield database
    loop.run(database.close())


@pytest.fixture(scope="module", params=[TENANT, OTHER_TENANT])
def there(
    request: pytest.FixtureRequest, database: Database, loop: asyncio.Runner
) -> Loaded:
    """What each of the two tenants holds."""
    return loop.run(loaded(database, request.param))


@pytest.fixture(scope="module")
def demo(database: Database, loop: asyncio.Runner) -> Loaded:
    """What the tenant `demo` holds."""
    return loop.run(loaded(database, TENANT))


@pytest.mark.parametrize("kind", CREATES)
def test_the_api_would_take_every_record(there: Loaded, kind: type[Message]) -> None:
    descriptor: Any = CREATES[kind].DESCRIPTOR
    check = compile_check(descriptor)
    name = record_type(kind).resource
    written = [each for each in there.of(kind) if not is_told(each)]
    assert written
    for record in written:
        kept = kind.FromString(record.SerializeToString())
        check(CREATES[kind](**{name: record}), "", faults := Faults())
        assert not faults.found, record
        assert record == kept  # with nothing to trim


@pytest.mark.parametrize("kind", CREATES)
def test_links_lead_to_older_records_of_the_tenant(
    there: Loaded, kind: type[Message]
) -> None:
    for item in record_type(kind).fields:
        if item.policy.references not in TARGETS:
            continue
        targets = there.records[TARGETS[item.policy.references]]
        for record in there.of(kind):
            if linked := getattr(record, item.name):
                came = moment(targets[linked].created_at)
                if item.policy.references in LINKS:
                    assert came <= moment(record.created_at)


@pytest.mark.parametrize("kind", CREATES)
def test_records_came_over_two_years_and_their_ids_follow(
    there: Loaded, kind: type[Message]
) -> None:
    prefix = record_type(kind).policy.id_prefix
    for record in there.of(kind):
        second = int(record.id.removeprefix(prefix)[:8], 16)
        # What is not copied but written takes the time once more for its id.
        assert second - record.created_at.seconds in {0, 1}
        assert now() - 800 * DAY < moment(record.created_at)
        assert moment(record.created_at) <= moment(record.updated_at) <= now()


def test_there_is_some_of_everything(demo: Loaded) -> None:
    assert len(demo.of(Contact)) == CONTACTS + PLANTED
    assert len(demo.of(Company)) > CONTACTS // 9
    assert CONTACTS / 8 < len(demo.of(Deal)) < CONTACTS / 2
    default, renewals = sorted(demo.of(Pipeline), key=lambda each: each.position)
    assert (default.is_default, renewals.is_default) == (True, False)
    entered = {deal.stage_id for deal in demo.of(Deal)}
    assert entered.issuperset(stage.id for stage in default.stages)
    assert entered.intersection(stage.id for stage in renewals.stages)
    tasks = demo.of(Task)
    done = [task for task in tasks if task.status == TASK_STATUS_COMPLETED]
    overdue = [task for task in tasks if task not in done and is_past(task)]
    assert done
    assert overdue
    assert len(done) + len(overdue) < len(tasks)
    assert any(note.pinned for note in demo.of(Note))


def test_contacts_are_like_their_companies(there: Loaded) -> None:
    employed = [contact for contact in there.of(Contact) if contact.company_id]
    assert len(employed) > len(there.of(Contact)) / 2
    for contact in employed:
        company = there.records[Company][contact.company_id]
        assert contact.country == company.country
        if contact.email:
            assert contact.email.endswith(f"@{company.domain}")


def test_a_deal_is_as_its_stage_says(there: Loaded) -> None:
    stages = {
        stage.id: (pipeline.id, stage)
        for pipeline in there.of(Pipeline)
        for stage in pipeline.stages
    }
    for deal in there.of(Deal):
        pipeline_id, stage = stages[deal.stage_id]
        assert deal.pipeline_id == pipeline_id
        assert deal.status == STATUS_OF[stage.type]
        assert deal.HasField("closed_at") == (deal.status != DEAL_STATUS_OPEN)
        assert deal.HasField("lost_reason") == (deal.status == DEAL_STATUS_LOST)
        if deal.HasField("closed_at"):
            assert deal.closed_at == deal.stage_changed_at
        assert deal.company_id == there.records[Contact][deal.contact_id].company_id


def test_a_contact_has_come_as_far_as_its_deals(there: Loaded) -> None:
    deals = {(deal.contact_id, deal.status) for deal in there.of(Deal)}
    for contact in there.of(Contact):
        stage = contact.lifecycle_stage
        is_customer = (contact.id, DEAL_STATUS_WON) in deals
        assert (stage == LIFECYCLE_STAGE_CUSTOMER) == is_customer
        if not is_customer:
            is_open = (contact.id, DEAL_STATUS_OPEN) in deals
            assert (stage == LIFECYCLE_STAGE_OPPORTUNITY) == is_open


def test_a_deals_timeline_tells_its_way(there: Loaded) -> None:
    firsts = {pipeline.id: pipeline.stages[0].id for pipeline in there.of(Pipeline)}
    for deal in there.of(Deal):
        events = [each for each in there.told("deal", deal.id) if not each.contact_id]
        names = [each.metadata["event"] for each in events]
        moves = [each for each in events if each.metadata["event"] == "stage_changed"]
        ended = [ENDED[deal.status]] if deal.status in ENDED else []
        assert names == ["created", *["stage_changed"] * len(moves), *ended]
        assert events[0].occurred_at == deal.created_at
        way = [(each.metadata["from"], each.metadata["to"]) for each in moves]
        ways = [("", firsts[deal.pipeline_id]), *way]
        assert all(left[1] == right[0] for left, right in pairwise(ways))
        assert ways[-1][1] == deal.stage_id
        last = moves[-1].occurred_at if moves else deal.created_at
        assert last == deal.stage_changed_at == deal.updated_at
        assert {each.actor_id for each in events} == {deal.owner_id}


def test_what_the_server_told_is_as_it_tells_it(there: Loaded) -> None:
    for activity in filter(is_told, there.of(Activity)):
        assert activity.occurred_at == activity.created_at
        is_moved = activity.etag != "1"  # by the merge
        assert is_moved or activity.updated_at == activity.created_at
        for name in ("subject", "body", "created_by"):
            assert not activity.HasField(name)
    for resource, kind in (("contact", Contact), ("company", Company)):
        for record in there.of(kind)[:50]:
            first, *others = there.told(resource, record.id)
            assert first.metadata["event"] == "created"
            assert first.occurred_at == record.created_at
            assert first.actor_id == record.created_by
            assert "created" not in [each.metadata["event"] for each in others]


def test_notes_and_completed_tasks_are_told_of(there: Loaded) -> None:
    told = {
        (each.metadata["event"], moment(each.occurred_at), links(each), each.actor_id)
        for each in filter(is_told, there.of(Activity))
    }
    for note in there.of(Note):
        written = moment(note.created_at)
        assert ("note_added", written, links(note), note.author_id) in told
        assert note.HasField("pinned_at") == note.pinned
    for task in there.of(Task):
        is_done = task.status == TASK_STATUS_COMPLETED
        assert task.HasField("completed_at") == task.HasField("completed_by") == is_done
        if is_done:
            done = moment(task.completed_at)
            assert ("task_completed", done, links(task), task.completed_by) in told


def test_a_contact_was_last_contacted_when_its_activities_say(there: Loaded) -> None:
    latest: dict[str, int] = {}
    for each in there.of(Activity):
        if not is_told(each):
            at = moment(each.occurred_at)
            latest[each.contact_id] = max(at, latest.get(each.contact_id, 0))
    assert latest
    for contact in there.of(Contact):
        at = contact.last_contacted_at
        said = moment(at) if contact.HasField("last_contacted_at") else None
        assert said == latest.get(contact.id)


def test_each_plan_that_was_sold_has_a_license(demo: Loaded) -> None:
    kind = CreateCustomRecordRequest
    check = compile_check(kind.DESCRIPTOR)
    deals = {deal.name: deal for deal in demo.of(Deal) if deal.HasField("closed_at")}
    records = demo.of(CustomRecord)
    assert len(records) > 20
    for record in records:
        given = CustomRecord.FromString(record.SerializeToString())
        check(kind(record=given, object=record.object), "", faults := Faults())
        assert not faults.found
        told = {k: value_to_json(v) for k, v in record.custom_fields.fields.items()}
        assert told.get("company") in (None, *demo.records[Company])
        assert int(str(told["seats"])) > 0
        assert record.name in deals
        (event,) = demo.told("record", record.id)
        assert event.metadata["event"] == "created"
        assert event.occurred_at == record.created_at
    keys = {each.key for each in demo.of(Field) if each.object == "licenses"}
    assert keys == {"plan", "seats", "monthly_price", "renews_on", "company"}


def is_past(task: Task) -> bool:
    due = task.due_date
    return date(due.year, due.month, due.day) < datetime.now(UTC).date()
