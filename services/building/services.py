"""Builds every service, twice: on the database, and within bound transactions.

Methods of the second kind answer the operations of batches, and dry runs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1 import own_records_pb2
from prospectconnect.events.v1 import own_webhooks_pb2
from prospectconnect.iam.v1 import own_sandboxes_pb2
from prospectconnect.jobs.v1 import own_jobs_pb2
from prospectconnect.reporting.v1 import own_dashboards_pb2
from prospectconnect.scheduling.v1 import visitors_pb2

from services.account_records.own_dashboards import OwnDashboardsService
from services.account_records.own_jobs import OwnJobsService
from services.account_records.own_records import OwnRecordsService
from services.account_records.own_sandboxes import OwnSandboxesService
from services.account_records.own_webhooks import OwnWebhooksService
from services.account_records.report_runs import ReportRuns
from services.account_records.running import Running
from services.account_records.visitors import VisitorService
from services.aggregates.aggregates import Aggregates
from services.answers.reading import Answers
from services.batches.runnables import Runnables, runnables_of
from services.batches.runner import Batches, BatchMethods, NoBatches
from services.building.own_methods import own_methods
from services.changes.methods import ChangeMethods
from services.changes.reader_methods import ReaderMethods
from services.changes.reading import Feed
from services.consent.merging import merged_beside
from services.duplicates.methods import KINDS, Duplicates
from services.erasure.erasures import Erasures
from services.gates.request_checks import FaultFinder, Known
from services.gates.within import Again
from services.history.histories import Histories
from services.history.past import Past
from services.iam.access import AccessService
from services.iam.confirmations import ConfirmationService
from services.iam.contract_reports import ContractService
from services.iam.oauth import service as oauth
from services.iam.tokens import TokenService
from services.iam.usage import UsageService
from services.kinds.methods import Method, read_methods
from services.limits import LimitService
from services.meetings.calendars import CalendarMethods
from services.meetings.links import MeetingLinkMethods
from services.merging.merging import Merging
from services.parts import Parts
from services.postgres.bound import BoundDatabase
from services.postgres.database import Database
from services.records.engine import Records
from services.records.restoring.restoring import Restoring
from services.records.schemas import Schemas, SchemasWithin
from services.registration import Service, record_service, service_of
from services.schema.association_types import AssociationTypeMethods
from services.schema.fields import FieldMethods
from services.schema.objects import ObjectMethods
from services.schema.pages.own_schema import OwnSchemaService
from services.schema.types import built_in
from services.sealed import secret_keys
from services.sealed.confirmations import Confirmations
from services.sealed.cursors import Cursors
from services.sealed.forms import Forms
from services.sealed.receipts import Receipts
from services.search.searches import Searches
from services.standard import Answer, Kept, RunsBatches

# The proto packages of accounts, tokens and OAuth, of types of record, and of records.
IAM, SCHEMA, CRM = (f"prospectconnect.{name}.v1" for name in ("iam", "schema", "crm"))

_CALENDARS = "prospectconnect.scheduling.v1.CalendarService"
_LINKS = "prospectconnect.scheduling.v1.MeetingLinkService"

# They run methods of the other services.
_PAGES = tuple(
    service
    for each in (
        own_records_pb2,
        own_webhooks_pb2,
        own_dashboards_pb2,
        own_jobs_pb2,
        own_sandboxes_pb2,
        visitors_pb2,
    )
    for service in each.DESCRIPTOR.services_by_name.values()
)
_OF_PAGES = tuple(each.full_name for each in _PAGES)


@dataclass(frozen=True, slots=True)
class Built:
    """The services, their methods, and what runs other methods.

    `within` are the methods of all services in a transaction of `bound`, by full name.
    `schemas` are the tenants' definitions in it, and `known` is what requests are
    checked by in it. `runnables` are the methods that operations of batches may call.
    """

    services: tuple[Service, ...]
    methods: Mapping[str, Method]
    bound: BoundDatabase
    schemas: SchemasWithin
    within: Mapping[str, Answer]
    batches: Batches
    known: Known
    runnables: Runnables

    @property
    def again(self) -> Again:
        """Gives a batch's stored answer."""
        return self.batches.again


def build(database: Database, schemas: Schemas, parts: Parts) -> Built:
    """Builds all services on a database."""
    types, bound = parts.kinds["user"].kinds, BoundDatabase(database)
    inner = SchemasWithin(schemas, bound)
    inner_runs, runs = ReportRuns(None), ReportRuns(parts.feed.turns)
    within = _services(bound, inner, parts, (NoBatches(), inner_runs))
    methods = read_methods((*(e.descriptor for e in within), *_PAGES), types)
    known = Known(bound, types, finders_of(within), inner)
    runnables = runnables_of(within, methods, known, types)
    batches = Batches(bound, (inner, schemas), runnables, types, parts.figures)
    made = _services(database, schemas, parts, (batches, runs))
    outside = Known(database, types, finders_of(made), schemas)
    forms = Forms(parts.keys[secret_keys.FORMS])
    addresses = Forms(parts.keys[secret_keys.BOOKINGS])
    running = Running(made, methods, outside)
    inside = Running(within, methods, known), bound
    inner_runs.bind(inside[0])
    runs.bind(running)
    pages = (
        OwnRecordsService(database, forms, running, inside),
        OwnWebhooksService(forms, running),
        OwnDashboardsService(schemas, forms, running),
        OwnJobsService(database, schemas, forms, running),
        OwnSandboxesService(forms, running),
        VisitorService(database, (forms, addresses), running),
    )
    return Built(
        services=(
            *made,
            *(service_of(n, its) for n, its in zip(_OF_PAGES, pages, strict=True)),
        ),
        methods=methods,
        bound=bound,
        schemas=inner,
        within={
            f"/{each.descriptor.full_name}/{name}": answer
            for each in within
            for name, answer in each.methods.items()
        },
        batches=batches,
        known=known,
        runnables=runnables,
    )


def finders_of(services: tuple[Service, ...]) -> dict[str, FaultFinder]:
    """Returns the fault finders of the services, by full method name."""
    return {
        f"/{each.descriptor.full_name}/{name}": finder
        for each in services
        for name, finder in each.finders.items()
    }


def _services(
    database: Database,
    schemas: Schemas,
    parts: Parts,
    running: tuple[RunsBatches, ReportRuns],
) -> tuple[Service, ...]:
    """Every service: one for each kind of record, and those of accounts."""
    batches, runs = running
    cursors = Cursors(parts.keys[secret_keys.CURSORS])
    every = {n: Records(database, each, schemas) for n, each in parts.kinds.items()}
    kept = {
        name: _kept(records, every, parts, (schemas, cursors, batches))
        for name, records in every.items()
    }
    own = own_methods(database, kept, every, parts, runs)
    its = schemas, cursors, parts.feed.keep_days, parts.figures
    feed = Feed(database, every, *its)
    return (
        *(record_service(each, own.get(name)) for name, each in kept.items()),
        *_account_services(database, parts),
        service_of(f"{SCHEMA}.OwnSchemaService", _own_schema(database, schemas, parts)),
        service_of(_CALENDARS, CalendarMethods(database, every)),
        service_of(
            _LINKS, MeetingLinkMethods(database, every["meeting_type"], cursors)
        ),
        service_of(f"{CRM}.BatchService", BatchMethods(batches)),
        service_of(f"{CRM}.ChangeService", ChangeMethods(feed, parts.feed)),
        service_of(
            f"{CRM}.ReaderService",
            ReaderMethods(parts.feed.waiting, parts.feed.access),
        ),
    )


def _account_services(database: Database, parts: Parts) -> Iterator[Service]:
    """The services of tenants, users and tokens."""
    keys, users = parts.keys, Records(database, parts.kinds["user"])
    forms = Forms(keys[secret_keys.FORMS])
    receipts = Receipts(keys[secret_keys.RECEIPTS])
    account = (
        AccessService(users, receipts),
        ConfirmationService(database, Confirmations(keys[secret_keys.FORMS])),
        UsageService(database, receipts, parts.refusals),
        ContractService(database, parts.allowed.contracts),
        TokenService(database, Cursors(keys[secret_keys.CURSORS])),
        LimitService(database, [each.table for each in built_in(users.kinds)]),
        *oauth.servicers(database, users, forms, parts.passwords, parts.oauth),
    )
    for each in account:
        yield service_of(f"{IAM}.{type(each).__name__}", each)


def _own_schema(database: Database, schemas: Schemas, parts: Parts) -> OwnSchemaService:
    """What the account's pages show and change of a tenant's own schema."""
    kinds = parts.kinds
    return OwnSchemaService(
        database,
        Forms(parts.keys[secret_keys.FORMS]),
        FieldMethods(Records(database, kinds["field"], schemas)),
        ObjectMethods(Records(database, kinds["object"], schemas)),
        AssociationTypeMethods(Records(database, kinds["association_type"], schemas)),
        Records(database, kinds["job"]),
    )


def _kept(
    records: Records[Any],
    every: Mapping[str, Records[Any]],
    parts: Parts,
    shared: tuple[Schemas, Cursors, RunsBatches],
) -> Kept:
    """What the standard methods of one kind of record need."""
    schemas, cursors, batches = shared
    searches = Searches(records, cursors)
    found = erasures = None
    if records.kind.resource in KINDS:
        found = Duplicates(records, cursors)
    if records.kind.policy.erasable:
        keys = parts.keys[secret_keys.SUPPRESSIONS]
        erasures = Erasures(records, parts.kinds["webhook"], parts.figures, keys)
    return Kept(
        records=records,
        searches=searches,
        aggregates=Aggregates(records, searches, cursors, parts.places),
        answers=Answers(records, searches, every),
        histories=Histories(records, cursors, parts.changes_days),
        past=Past(records, parts.changes_days),
        restoring=Restoring(records, parts.kinds),
        batches=batches,
        merging=Merging(records, schemas, merged_beside(records, parts.kinds)),
        duplicates=found,
        erasures=erasures,
    )
