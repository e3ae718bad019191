"""The demonstration data: tenant `demo` with a user of each role, and tenant `other`.

The data are loaded once. An interrupted load continues where it stopped: the contacts
have the same order in each run, and each is in one transaction with all records about
it. The tenant `other` comes last; if it exists, the load is complete.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from random import Random

from google.protobuf.message import Message
from prospectconnect.crm.v1.activities_pb2 import Activity
from prospectconnect.crm.v1.associations_pb2 import Association
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import LIFECYCLE_STAGE_OPPORTUNITY, Contact
from prospectconnect.crm.v1.custom_records_pb2 import CustomRecord
from prospectconnect.crm.v1.deals_pb2 import DEAL_STATUS_WON, Deal
from prospectconnect.crm.v1.notes_pb2 import Note
from prospectconnect.crm.v1.pipelines_pb2 import (
    STAGE_TYPE_LOST,
    STAGE_TYPE_OPEN,
    STAGE_TYPE_WON,
)
from prospectconnect.crm.v1.tasks_pb2 import Task
from prospectconnect.schema.v1.fields_pb2 import Field

from deploy.demo.added.bookings import add_bookings
from deploy.demo.added.consents import add_consents
from deploy.demo.added.emails import add_emails
from deploy.demo.added.files import add_files
from deploy.demo.added.meetings import add_meetings
from deploy.demo.added.mistakes import make_mistakes
from deploy.demo.added.sandboxes import add_sandbox
from deploy.demo.added.templates import add_templates
from deploy.demo.added.undone import add_undone
from deploy.demo.added.webhooks import add_webhook
from deploy.demo.associations import associations, types
from deploy.demo.companies import companies
from deploy.demo.definitions import fields
from deploy.demo.draws import SEED, SPAN, last_office_moment
from deploy.demo.licenses import MOST as MOST_LICENSES
from deploy.demo.licenses import license_fields, license_type, licenses
from deploy.demo.log import WHOLE_FOR, Log, begin_log, copy_log
from deploy.demo.log import Row as LogRow
from deploy.demo.people import people
from deploy.demo.scene import Scene
from deploy.demo.stories import story
from deploy.demo.tenants import OTHER_TENANT, ROLES, TENANT, email, is_loaded
from deploy.demo.timeline import created
from deploy.progress import counting, note
from services.clock import DAY
from services.crm.pipelines import NewStage, create_pipeline, read_pipelines
from services.errors import NotFound
from services.iam.audit import Event, record
from services.iam.tenants import business_of, create_user, user_of
from services.kinds.descriptors import record_type
from services.postgres.database import Database, Transaction
from services.postgres.index_builds import build_missing, set_aside
from services.records.bulk import Rows, analyze, copy_in, copy_together, rows_of
from services.records.rows import RowCodec
from services.schema.association_types import load
from services.schema.loading import define
from services.tenant_setup import create_tenant

PASSWORD = "demo"  # noqa: S105 -- printed in the guides
OTHER_CONTACTS = 312

CONTACTS_OF_A_COMPANY = 9
KINDS = (Company, Contact, Deal, Task, Note, Activity, CustomRecord)
MANY = 50_000  # from so many contacts on, indexes are faster built after the load
MOST_STORIES = 136_580  # the most contacts with a story; they are evenly spread

RENEWALS = "Renewals"
RENEWAL_STAGES = (
    NewStage("Due", 60, STAGE_TYPE_OPEN),
    NewStage("Offer sent", 75, STAGE_TYPE_OPEN),
    NewStage("In talks", 85, STAGE_TYPE_OPEN),
    NewStage("Renewed", 100, STAGE_TYPE_WON),
    NewStage("Churned", 0, STAGE_TYPE_LOST),
)

_LOCK, _LOOK_SECONDS = 0x64656D6F, 0.2  # whose load it is, by a lock of PostgreSQL
_BATCH = 1_000  # contacts with their stories in one transaction
_HISTORIES = 400  # so many of the latest contacts, and of those of this time before
_KEPT_FOR = 330 * DAY


async def load_demo(database: Database, count: int) -> None:
    """Loads the two tenants, with `count` contacts in the first, unless they exist.

    Of programs that start at the same time one loads, and the others wait for it.
    """
    async with database.transaction() as held:
        while not await _is_alone(held):  # noqa: ASYNC110 - of another program
            await asyncio.sleep(_LOOK_SECONDS)
        if not await is_loaded(database):
            await _load_all(database, count)


async def _is_alone(held: Transaction) -> bool:
    row = await held.row("SELECT pg_try_advisory_xact_lock($1)", _LOCK)
    return row is not None and bool(row[0])


async def _load_all(database: Database, count: int) -> None:
    if count >= MANY:
        await set_aside(database, [record_type(each).table for each in KINDS])
    business_id, users = await _tenant(database, TENANT, ROLES)
    sellers = users[:-1]  # the viewer owns no records
    await _add_renewals(database, business_id)
    scene = await _scene(database, business_id, sellers, SEED)
    with counting("Loading demo contacts and all about them", count) as report:
        await _load(database, business_id, scene, count, SEED, report)
    note("Loading own fields, an own object and associations")
    await analyze(database, [Contact, Deal])  # else what follows may plan badly
    await _add_schema(database, business_id, scene, users[0])
    if not await _count(database, business_id, Association):
        found = await associations(database, business_id, users[0])
        await load(database, business_id, types(users[0]), found)
    await add_webhook(database, business_id, users[0])
    await add_meetings(database, business_id, users)
    await add_bookings(database, business_id, users[0])
    await add_templates(database, business_id, users[1])
    await add_consents(database, business_id, users[1])
    await add_emails(database, business_id, users)
    await add_files(database, business_id, users[2])
    await build_missing(database)
    await make_mistakes(database, business_id, scene, users)
    await add_undone(database, business_id, users)
    await add_sandbox(database, business_id, users)
    note("Loading the second tenant, and counting for the planner")
    business_id, sellers = await _tenant(database, OTHER_TENANT, ROLES[:1])
    scene = await _scene(database, business_id, sellers, SEED + 1)
    await _load(database, business_id, scene, OTHER_CONTACTS, SEED + 1, lambda _: None)
    await analyze(database, [*KINDS, Association])


async def _add_schema(
    database: Database, business_id: str, scene: Scene, user_id: str
) -> None:
    """Loads the custom object with its records, and then defines all fields."""
    if not await _count(database, business_id, CustomRecord):
        won = await _won(database, business_id)
        made = chain([license_type(user_id)], licenses(scene, won))
        await copy_together(database, rows_of(business_id, made))
    if not await _count(database, business_id, Field):
        defined = [*fields(user_id), *license_fields(user_id)]
        await define(database, business_id, defined)
        for each in defined:
            its = {"key": each.key, "object": each.object}
            told = Event("field_created", business_id, user_id, "", "", each.id, its)
            await record(database, told)


async def _won(database: Database, business_id: str) -> list[Deal]:
    """The latest deals that were won."""
    codec = RowCodec(record_type(Deal))
    rows = await database.rows(
        f"SELECT {codec.columns} FROM deals AS r WHERE r.business_id = $1"
        " AND r.status = $2 AND r.custom_fields ? 'seats'"
        f" ORDER BY r.closed_at DESC, r.id LIMIT {MOST_LICENSES}",
        business_id,
        int(DEAL_STATUS_WON),
    )
    return [codec.read(row, business_id) for row in rows]


async def _load(
    database: Database,
    business_id: str,
    scene: Scene,
    count: int,
    seed: int,
    report: Callable[[int], None],
) -> None:
    """Loads a tenant's missing companies and missing contacts with their stories."""
    most = min(count, MOST_STORIES) // CONTACTS_OF_A_COMPANY
    known = list(companies(most, scene.sellers, scene.ends_at, seed))
    # Drawn in each run: the stories draw their values after these.
    told = [created(scene, each, each.created_by) for each in known]
    if not await _count(database, business_id, Company):
        await copy_together(database, rows_of(business_id, chain(known, *told)))
    done = await _count(database, business_id, Contact)
    stories = _stories(scene, count, seed, known)
    deque(islice(stories, done), maxlen=0)
    scene.log.take()  # that of the stories which are there already

    def take() -> tuple[Rows, Sequence[LogRow]]:
        batch = islice(stories, _BATCH)
        return rows_of(business_id, chain.from_iterable(batch)), scene.log.take()

    async def copy(rows: Rows, log: Sequence[LogRow]) -> None:
        async with database.transaction() as transaction:
            await copy_in(transaction, rows)
            await copy_log(transaction, log)

    taken = take()
    while taken[0]:  # while PostgreSQL loads these, the next ones are made
        copying = asyncio.create_task(copy(*taken))
        try:
            following = await asyncio.to_thread(take)
        finally:  # no transaction goes on after the load has ended
            await copying
        done = min(done + _BATCH, count)
        report(done)
        taken = following


def _stories(
    scene: Scene, count: int, seed: int, known: Sequence[Company]
) -> Iterator[list[Message]]:
    """Makes each contact with its story; beyond `MOST_STORIES`, some have none.

    The latest stories have histories, those of open deals, and some of the last months.
    """
    by_id = {company.id: company for company in known}
    share = min(count, MOST_STORIES)
    everyone = people(count, scene.sellers, scene.ends_at, seed, known)
    every = max(1, count * _KEPT_FOR // SPAN // _HISTORIES)
    for number, contact in enumerate(everyone):
        is_late = number >= count - _HISTORIES
        is_young = number >= count - count * _KEPT_FOR // SPAN
        has_deal = contact.lifecycle_stage == LIFECYCLE_STAGE_OPPORTUNITY
        scene.log.keeps = is_late or has_deal or (is_young and not number % every)
        if (number + 1) * share // count > number * share // count:
            yield story(scene, contact, by_id.get(contact.company_id))
        else:
            yield [contact]


async def _scene(
    database: Database, business_id: str, sellers: Sequence[str], seed: int
) -> Scene:
    """Makes the scene; it is the same when an interrupted load continues.

    The tenant's log of changes begins where that of the scene does.
    """
    sql = "SELECT created_at, currency FROM tenants WHERE business_id = $1"
    row = await database.row(sql, business_id)
    assert row is not None  # noqa: S101 -- it was just made
    pipelines = await read_pipelines(database, business_id)
    default_id = pipelines.default_id
    ends_at = last_office_moment(row[0])
    log = Log(business_id, ends_at - WHOLE_FOR)
    await begin_log(database, log)
    return Scene(
        random=Random(f"stories {seed}"),  # noqa: S311 -- not a secret
        ends_at=ends_at,
        sellers=sellers,
        currency=row[1],
        sales=[each for each in pipelines.stages if each.pipeline_id == default_id],
        renewals=[each for each in pipelines.stages if each.pipeline_id != default_id],
        log=log,
    )


async def _add_renewals(database: Database, business_id: str) -> None:
    """Creates the tenant's second pipeline if it does not exist."""
    pipelines = await read_pipelines(database, business_id)
    if len({stage.pipeline_id for stage in pipelines.stages}) == 1:
        await create_pipeline(database, business_id, RENEWALS, RENEWAL_STAGES)


async def _tenant(
    database: Database, name: str, roles: tuple[str, ...]
) -> tuple[str, list[str]]:
    """Creates a tenant with its users if needed; returns its id and theirs."""
    try:
        business_id = await business_of(database, name)
    except NotFound:
        business_id = await create_tenant(database, name)
    users = [_user(database, name, business_id, role) for role in roles]
    return business_id, await asyncio.gather(*users)


async def _user(database: Database, tenant: str, business_id: str, role: str) -> str:
    address = email(role, tenant)
    try:
        return await user_of(database, business_id, address)
    except NotFound:
        return await create_user(
            database, tenant, address, role, PASSWORD, f"{role.title()} of {tenant}"
        )


async def _count(database: Database, business_id: str, message: type[Message]) -> int:
    """Counts a tenant's records of a kind."""
    sql = f"SELECT count(*) FROM {record_type(message).table} WHERE business_id = $1"
    row = await database.row(sql, business_id)
    return 0 if row is None else int(row[0])
