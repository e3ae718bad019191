"""Builds the services. All parts are created here and passed to each other."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc

from services.caller import Caller
from services.errors import Unavailable
from services.every_kind import CompiledKinds, compile_kinds
from services.gates.door import Count, Door, authenticate_strangers
from services.gates.interceptors import authenticate, chain, grpc_interceptors
from services.gates.request_checks import FaultFinder, Interceptor, Known
from services.gates.turns import Turns, bounds_of
from services.gates.watch import Watch, log_calls
from services.iam import last_used, usage_records
from services.iam.access import Access, AccessService
from services.iam.last_used import Uses
from services.iam.oauth import authorizations
from services.iam.oauth import service as oauth
from services.iam.passwords import Passwords
from services.iam.tokens import TokenService
from services.iam.usage import UsageService
from services.jobs import queue
from services.jobs.figures import JobFigures
from services.jobs.worker import Worker
from services.kinds.methods import Method, read_methods
from services.limits import LimitService
from services.periodic import repeat
from services.postgres import schema
from services.postgres.database import Database
from services.postgres.statement_watch import StatementWatch
from services.records import idempotency
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.schemas import Schemas
from services.registration import Service, record_service, service_of
from services.schema.association_types import AssociationTypeMethods
from services.schema.by_jobs.every_job import runners_of
from services.schema.fields import FieldMethods
from services.schema.objects import ObjectMethods
from services.schema.pages.own_schema import OwnSchemaService
from services.schema.types import built_in
from services.sealed import secret_keys
from services.sealed.cursors import Cursors
from services.sealed.forms import Forms
from services.sealed.receipts import Receipts
from services.search.searches import Searches
from services.settings import OauthSettings, ServiceSettings
from services.standard import Kept

SWEEP_SECONDS = 3_600
# Authorization requests, which anybody may start, are deleted more often.
SWEEP_OPEN_SECONDS = 60

NOBODY_WATCHES = Watch()


def unlimited(_: Caller) -> None:
    """Counts no calls: for programs that serve nobody over a socket."""


# The proto package of accounts, tokens and OAuth.
IAM = "prospectconnect.iam.v1"
# That of types of record and their fields.
SCHEMA = "prospectconnect.schema.v1"


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one process, ready to be added to a server.

    `interceptors` are for calls in process. `socket_interceptors` also authenticate
    edges, limit strangers and log calls. `background` are the tasks of periodic work.
    `jobs` are the counters of its worker, None if it runs no jobs.
    """

    database: Database
    watch: Watch
    turns: Turns
    door: Door
    interceptors: tuple[grpc.aio.ServerInterceptor, ...]
    socket_interceptors: tuple[grpc.aio.ServerInterceptor, ...]
    services: tuple[Service, ...]
    uses: Uses
    background: tuple["asyncio.Task[None]", ...]
    jobs: JobFigures | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The services' full names, for reflection and health."""
        return tuple(each.descriptor.full_name for each in self.services)

    def add_to(self, server: Any) -> None:
        """Adds every service to a server, or to any object that takes handlers."""
        for each in self.services:
            each.add_to(server)


async def open_services(
    settings: ServiceSettings,
    watch: Watch = NOBODY_WATCHES,
    count: Count = unlimited,
) -> Services:
    """Opens the database and builds the services on it.

    `count` counts calls over a socket that no edge made, and refuses too many.
    Raises `Unavailable` if the database cannot be reached, is not durable, or has an
    older schema than this program.
    """
    database = await _database(settings, watch)
    keys, passwords = await _read_secrets(database)
    kinds, uses = compile_kinds(), Uses()
    schemas = Schemas(database, kinds["field"].kind)
    services = _services(database, kinds, schemas, keys, passwords, settings.oauth)
    access = Access(database, settings.caller_cache_seconds, uses)
    turns = Turns(bounds_of(settings.max_connections, settings.max_waiting))
    finders, door = _finders(services), Door(settings.edge_secrets, count)
    record_types = kinds["user"].kinds
    known = Known(database, record_types, finders, schemas)
    background = _background(database, uses, keys, settings.oauth)
    worker = Worker(database, runners_of(record_types), JobFigures())
    if settings.runs_jobs:
        background += (asyncio.create_task(worker.run()),)

    def chain_of(authenticated: Interceptor) -> tuple[Interceptor, ...]:
        return chain(known, authenticated, turns, watch)

    authenticated = authenticate(access)
    methods = read_methods((each.descriptor for each in services), record_types)
    strangers = authenticate_strangers(door, authenticated)
    chains = chain_of(authenticated), chain_of(strangers)
    within, over_sockets = _interceptors(settings, watch, methods, chains)
    return Services(
        database=database,
        watch=watch,
        turns=turns,
        door=door,
        interceptors=within,
        socket_interceptors=over_sockets,
        services=services,
        uses=uses,
        background=background,
        jobs=worker.figures if settings.runs_jobs else None,
    )


Keys = dict[str, secret_keys.SecretKeys]


async def _read_secrets(database: Database) -> tuple[Keys, Passwords]:
    """Reads the secret keys once the database is known to serve; closes it if not."""
    try:
        await schema.check_server(database)
        if not await schema.is_current(database):
            raise Unavailable("The database's schema is older than this program.")
        keys = {n: await secret_keys.open_keys(database, n) for n in secret_keys.NAMES}
        return keys, await Passwords.open()
    except BaseException:
        await database.close()
        raise


def _services(
    database: Database,
    kinds: CompiledKinds,
    schemas: Schemas,
    keys: Keys,
    passwords: Passwords,
    settings: OauthSettings,
) -> tuple[Service, ...]:
    """Every service: one for each kind of record, and those of accounts."""
    cursors = Cursors(keys[secret_keys.CURSORS])
    forms = Forms(keys[secret_keys.FORMS])
    receipts = Receipts(keys[secret_keys.RECEIPTS])
    users = Records(database, kinds["user"])
    account = (
        AccessService(users, receipts),
        UsageService(database, receipts),
        TokenService(database, cursors),
        LimitService(database, [each.table for each in built_in(users.kinds)]),
        *oauth.servicers(database, users, forms, passwords, settings),
    )
    own_schema = OwnSchemaService(
        database,
        forms,
        FieldMethods(Records(database, kinds["field"], schemas)),
        ObjectMethods(Records(database, kinds["object"], schemas)),
        AssociationTypeMethods(Records(database, kinds["association_type"], schemas)),
    )
    return (
        *(_record_service(database, cursors, e, schemas) for e in kinds.values()),
        *(service_of(f"{IAM}.{type(each).__name__}", each) for each in account),
        service_of(f"{SCHEMA}.OwnSchemaService", own_schema),
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
    methods: Mapping[str, Method],
    chains: tuple[Sequence[Interceptor], Sequence[Interceptor]],
) -> tuple[Interceptors, Interceptors]:
    """Returns the gRPC interceptors in process, and those over a socket."""
    if watch.figures is not None:
        watch.figures.prepare(methods)
    logged = log_calls(settings.log_calls, watch.share)
    return (
        grpc_interceptors(chains[0], methods, is_socket=False),
        grpc_interceptors((logged, *chains[1]), methods, is_socket=True),
    )


async def close_services(services: Services) -> None:
    """Ends the background tasks and closes the database."""
    for task in services.background:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    with suppress(Unavailable):
        await services.uses.write(services.database)
    await services.database.close()


def _background(
    database: Database,
    uses: Uses,
    keys: Keys,
    settings: OauthSettings,
) -> tuple["asyncio.Task[None]", ...]:
    """Starts the periodic work of the services."""
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


def _finders(services: Iterable[Service]) -> dict[str, FaultFinder]:
    """Returns the fault finders of the services, by full method name."""
    return {
        f"/{each.descriptor.full_name}/{name}": finder
        for each in services
        for name, finder in each.finders.items()
    }


def _record_service(
    database: Database, cursors: Cursors, kind: CompiledKind[Any], schemas: Schemas
) -> Service:
    records = Records(database, kind, schemas)
    return record_service(Kept(records, Searches(records, cursors)))


async def _sweep(database: Database, settings: OauthSettings) -> None:
    """Deletes what has expired."""
    for row in await database.rows("SELECT business_id FROM tenants"):
        await idempotency.sweep(database, row[0])
        await usage_records.sweep(database, row[0])
        await queue.sweep(database, row[0])
        await oauth.sweep_tenant(database, row[0], settings)
    await oauth.sweep(database, settings)
