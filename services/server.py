"""Builds the services: everything that runs is put together here, in sight."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor
from prospectconnect.crm.v1.activities_pb2 import Activity
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.deals_pb2 import Deal
from prospectconnect.crm.v1.notes_pb2 import Note
from prospectconnect.crm.v1.pipelines_pb2 import Pipeline
from prospectconnect.crm.v1.tasks_pb2 import Task
from prospectconnect.iam.v1.users_pb2 import User

from services.crm import activities, contacts
from services.crm.activities import ActivityService
from services.crm.companies import CompanyService
from services.crm.contacts import ContactService
from services.crm.deals import DealService
from services.crm.notes import NoteService
from services.crm.pipelines import PipelineService
from services.crm.tasks import TaskService
from services.errors import Unavailable
from services.gates.door import Door, behind
from services.gates.interceptors import arounds, authenticate, interceptors
from services.gates.request_checks import Around, FaultFinder
from services.gates.turns import Turns, bounds_of
from services.gates.watch import Watch, tell_calls
from services.iam import last_used, usage_records
from services.iam.access import Access, AccessService
from services.iam.last_used import Uses
from services.iam.oauth import authorizations
from services.iam.oauth import service as oauth
from services.iam.passwords import Passwords
from services.iam.tokens import TokenService
from services.iam.usage import UsageService
from services.iam.users import UserService
from services.kinds.methods import read_methods
from services.kinds.record_type import record_type
from services.periodic import repeat
from services.postgres import schema
from services.postgres.database import Database
from services.postgres.statement_watch import StatementWatch
from services.records import idempotency
from services.records.engine import Records
from services.records.visibility import Kinds
from services.sealed import secret_keys
from services.sealed.cursors import Cursors
from services.sealed.forms import Forms
from services.sealed.receipts import Receipts
from services.search.searches import Searches
from services.settings import OauthSettings, ServiceSettings

# Every kind of record, what is referred to before what refers to it. Whoever locks
# several records does so in this order, so that no two wait for each other.
KINDS = (User, Pipeline, Company, Contact, Deal, Task, Note, Activity)

SWEEP_SECONDS = 3_600
# What anybody may begin and nobody has to end.
SWEEP_OPEN_SECONDS = 60

NOBODY_WATCHES = Watch()


@dataclass(frozen=True, slots=True)
class Registration:
    """A service, its servicer and the generated function that adds it to a server."""

    descriptor: ServiceDescriptor
    servicer: Any
    add: Callable[[Any, Any], None]


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one process, ready to be added to a server.

    The interceptors do the same within the process and over a socket, where they log
    calls as well.
    """

    database: Database
    watch: Watch
    turns: Turns
    door: Door
    interceptors: tuple[grpc.aio.ServerInterceptor, ...]
    socket_interceptors: tuple[grpc.aio.ServerInterceptor, ...]
    registrations: tuple[Registration, ...]
    uses: Uses
    beside: tuple["asyncio.Task[None]", ...]  # what runs beside the calls

    @property
    def names(self) -> tuple[str, ...]:
        """The services' full names, for reflection and health."""
        return tuple(each.descriptor.full_name for each in self.registrations)

    def add_to(self, server: Any) -> None:
        """Adds every servicer to a server, or to anything that is handed handlers."""
        for each in self.registrations:
            each.add(each.servicer, server)


async def open_services(
    settings: ServiceSettings, watch: Watch = NOBODY_WATCHES
) -> Services:
    """Opens the database and builds the services on it.

    Raises `Unavailable` when the database is out of reach, not durable, or older
    than this code.
    """
    database = await _database(settings, watch)
    try:
        await schema.check_server(database)
        if not await schema.is_current(database):
            raise Unavailable("The database's schema is older than this program.")
        keys = {n: await secret_keys.open_keys(database, n) for n in secret_keys.NAMES}
        cursors = Cursors(keys[secret_keys.CURSORS])
        forms = Forms(keys[secret_keys.FORMS])
        receipts = Receipts(keys[secret_keys.RECEIPTS])
        passwords = await Passwords.open()
    except BaseException:
        await database.close()
        raise
    kinds = {kind.resource: kind for kind in map(record_type, KINDS)}
    users = Records(database, kinds["user"], kinds)
    servicers = (
        *_servicers(database, cursors, kinds, receipts),
        *oauth.servicers(database, users, forms, passwords, settings.oauth),
    )
    registrations, uses = tuple(map(_registration, servicers)), Uses()
    access = Access(database, settings.caller_cache_seconds, uses)
    turns = Turns(bounds_of(settings.max_connections, settings.max_waiting))
    finders, door = _finders(registrations), Door(settings.edge_secrets)

    def wraps(known: Around) -> tuple[Around, ...]:
        return arounds(database, known, kinds, finders, turns, watch)

    known = authenticate(access)
    within, over_sockets = _interceptors(
        settings, watch, registrations, (wraps(known), wraps(behind(door, known)))
    )
    return Services(
        database=database,
        watch=watch,
        turns=turns,
        door=door,
        interceptors=within,
        socket_interceptors=over_sockets,
        registrations=registrations,
        uses=uses,
        beside=_beside(database, uses, keys, settings.oauth),
    )


async def _database(settings: ServiceSettings, watch: Watch) -> Database:
    statements = StatementWatch(settings.slow_statement_seconds, watch.keep_span)
    most = settings.max_connections
    return await Database.open(
        settings.database_url, max_connections=most, watch=statements
    )


Interceptors = tuple[grpc.aio.ServerInterceptor, ...]


def _interceptors(
    settings: ServiceSettings,
    watch: Watch,
    registrations: Iterable[Registration],
    wraps: tuple[Sequence[Around], Sequence[Around]],
) -> tuple[Interceptors, Interceptors]:
    """Those within the process, and those over a socket."""
    methods = read_methods(each.descriptor for each in registrations)
    if watch.figures is not None:
        watch.figures.prepare(methods)
    told = tell_calls(settings.log_calls, watch.share)
    return (
        interceptors(wraps[0], methods, is_socket=False),
        interceptors((told, *wraps[1]), methods, is_socket=True),
    )


async def close_services(services: Services) -> None:
    """Ends what runs beside the calls and closes the database."""
    for task in services.beside:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    with suppress(Unavailable):
        await services.uses.write(services.database)
    await services.database.close()


def _beside(
    database: Database,
    uses: Uses,
    keys: dict[str, secret_keys.SecretKeys],
    settings: OauthSettings,
) -> tuple["asyncio.Task[None]", ...]:
    """What runs beside the calls, for as long as the services do."""
    look, write = secret_keys.LOOK_SECONDS, last_used.WRITE_SECONDS
    works = (
        repeat(SWEEP_SECONDS, "sweep", lambda: _sweep(database, settings)),
        repeat(
            SWEEP_OPEN_SECONDS,
            "old authorizations",
            lambda: authorizations.sweep(database),
        ),
        repeat(write, "last used", lambda: uses.write(database)),
        repeat(look, "new keys", lambda: secret_keys.look_at_all(database, keys)),
    )
    return tuple(map(asyncio.create_task, works))


def _finders(registrations: Iterable[Registration]) -> dict[str, FaultFinder]:
    """The fault finders that servicers have of their own, by full method name."""
    return {
        f"/{each.descriptor.full_name}/{name}": finder
        for each in registrations
        for name, finder in getattr(each.servicer, "finders", {}).items()
    }


def _servicers(
    database: Database, cursors: Cursors, kinds: Kinds, receipts: Receipts
) -> tuple[Any, ...]:
    """Every servicer with the records that it keeps: a line for each."""

    def kept(resource: str, **rules: Any) -> tuple[Records, Searches]:
        records = Records(database, kinds[resource], kinds, **rules)
        return records, Searches(records, cursors)

    return (
        AccessService(kept("user")[0], receipts),
        UsageService(database, receipts),
        TokenService(database, cursors),
        UserService(*kept("user")),
        ContactService(*kept("contact", derive=contacts.derive)),
        CompanyService(*kept("company")),
        PipelineService(*kept("pipeline")),
        DealService(*kept("deal")),
        TaskService(*kept("task")),
        NoteService(*kept("note")),
        ActivityService(*kept("activity", around=activities.settle_contacts)),
    )


def _registration(servicer: Any) -> Registration:
    """What the generated module of a servicer says about its service."""
    generated = type(servicer).__mro__[1]
    package = generated.__module__.rpartition(".")[0]
    name = generated.__name__.removesuffix("Servicer")
    return Registration(
        descriptor=descriptor_pool.Default().FindServiceByName(f"{package}.{name}"),
        servicer=servicer,
        add=getattr(sys.modules[generated.__module__], f"add_{name}Servicer_to_server"),
    )


async def _sweep(database: Database, settings: OauthSettings) -> None:
    """Forgets what has outlived its time."""
    for row in await database.rows("SELECT business_id FROM tenants"):
        await idempotency.sweep(database, row[0])
        await usage_records.sweep(database, row[0])
        await oauth.sweep_tenant(database, row[0], settings)
    await oauth.sweep(database, settings)
