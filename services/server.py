"""Builds the services. All parts are created here and passed to each other."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc

from services.aggregates.places import Places
from services.background import background_work, sweep_tenant
from services.building.services import build, finders_of
from services.caller import Caller
from services.changes.methods import Shared
from services.changes.waiting import Waiting
from services.delivering.sending import Sender
from services.errors import Unavailable
from services.every_kind import compile_kinds
from services.files.stores import Files
from services.gates.door import (
    Count,
    Door,
    authenticate_strangers,
    tell_of_strangers,
)
from services.gates.interceptors import authenticate, chain, grpc_interceptors
from services.gates.request_checks import Interceptor, Known
from services.gates.turns import Turns, bounds_of
from services.gates.watch import Watch, log_calls
from services.gates.within import run_within
from services.iam.access import Access
from services.iam.last_used import Uses
from services.iam.passwords import Passwords
from services.iam.refusals import Refusals
from services.kinds.methods import Method
from services.parts import Keys, Parts
from services.postgres import schema
from services.postgres.database import Database
from services.postgres.statement_watch import StatementWatch
from services.records.schemas import Schemas
from services.registration import Service
from services.sandboxes.figures import SandboxFigures
from services.sandboxes.tending import Tending
from services.sealed import secret_keys
from services.settings import ServiceSettings
from services.webhooks.checks import Allowed
from services.webhooks.delivering import Delivering
from services.workers import NOTHING, Means, Renders, Workers, start_workers

NOBODY_WATCHES = Watch()


def unlimited(_: Caller, requests: int) -> None:
    """Counts no calls: for programs that serve nobody over a socket."""


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one process, ready to be added to a server.

    `interceptors` are for calls in process. `socket_interceptors` also authenticate
    edges, limit strangers and log calls. `background` are the tasks of periodic work.
    `waiting` are the readers of the feed that wait. `workers` run jobs and deliver to
    webhooks, by `sender`. `sandboxes` is what metrics tell of these.
    """

    database: Database
    watch: Watch
    turns: Turns
    door: Door
    interceptors: tuple[grpc.aio.ServerInterceptor, ...]
    socket_interceptors: tuple[grpc.aio.ServerInterceptor, ...]
    services: tuple[Service, ...]
    uses: Uses
    waiting: Waiting
    background: tuple["asyncio.Task[None]", ...]
    sender: Sender
    workers: Workers
    sandboxes: SandboxFigures

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
    renders: Renders = NOTHING,
) -> Services:
    """Opens the database and builds the services on it.

    `count` counts calls over a socket that no edge made, and refuses too many. Without
    `renders` nothing is delivered, exported or imported.
    Raises `Unavailable` if the database cannot be reached, is not durable, or has an
    older schema than this program.
    """
    database = await _database(settings, watch)
    secrets = await _read_secrets(database)
    return _services(database, secrets, settings, watch, count, renders)


def _services(
    database: Database,
    secrets: tuple[Keys, Passwords],
    settings: ServiceSettings,
    watch: Watch,
    count: Count,
    renders: Renders,
) -> Services:
    """Builds the services, and starts what runs beside them."""
    (keys, passwords), kinds, uses = secrets, compile_kinds(), Uses()
    schemas = Schemas(database, kinds["field"].kind)
    access = Access(database, settings.caller_cache_seconds, uses)
    turns = Turns(bounds_of(settings.max_connections, settings.max_waiting))
    waiting, days = Waiting(database), settings.changes_days
    feed = Shared(settings.feed_days, turns, waiting, access)
    given = kinds, keys, passwords, settings.oauth, days, feed, watch.figures
    delivering = Delivering(settings, keys, renders.change)
    allowed = Allowed(settings.contracts, delivering.addresses)
    files, refusals = Files(settings.files), Refusals(database)
    shared = allowed, delivering, refusals, files, Places(), bool(settings.smtp_url)
    built = build(database, schemas, Parts(*given, *shared))
    door, record_types = Door(settings.edge_secrets, count), kinds["user"].kinds
    known = Known(database, record_types, finders_of(built.services), schemas)
    tending = Tending(database, record_types, files)
    background = background_work(database, uses, keys, settings, files, tending)
    workers, size = Workers(), settings.export_file_bytes
    if settings.runs_jobs:
        what = database, kinds, schemas, keys, files, delivering, renders, size, turns
        sweep = partial(sweep_tenant, database, settings, files)
        workers = start_workers(Means(*what, sweep, settings), built)
    within = run_within(database, built, door.count)
    callers = _callers(access, door, refusals)
    chains = [chain(known, each, turns, watch, within) for each in callers]
    in_process, over_sockets = _interceptors(settings, watch, built.methods, chains)
    return Services(
        database=database,
        watch=watch,
        turns=turns,
        door=door,
        interceptors=in_process,
        socket_interceptors=over_sockets,
        services=built.services,
        uses=uses,
        waiting=waiting,
        background=(*background, *workers.tasks),
        sender=delivering.sender,
        workers=workers,
        sandboxes=tending.figures,
    )


def _callers(
    access: Access, door: Door, refusals: Refusals
) -> tuple[Interceptor, Interceptor]:
    """What finds out who calls: in this process, and over a socket."""
    told = authenticate(access, tell_of_strangers(refusals))
    return authenticate(access), authenticate_strangers(door, told)


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
    chains: Sequence[Sequence[Interceptor]],
) -> tuple[Interceptors, Interceptors]:
    """Returns the gRPC interceptors in process, and those over a socket, of two."""
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
    if services.workers.exports is not None:
        await services.workers.exports.close()
    await services.sender.close()
    with suppress(Unavailable):
        await services.uses.write(services.database)
    await services.database.close()
