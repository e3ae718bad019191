"""The edge as a Sanic application: all of its parts, put together."""

import asyncio
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any

import orjson
from prospectconnect.iam.v1.usage_pb2 import RecordUsageRequest
from sanic import Sanic
from sanic.exceptions import NotFound

from edge.answering import entrance_of
from edge.calls.batches import encode_batch, write_batch
from edge.calls.budgets import FINISHES
from edge.calls.outside_gates import (
    HEALTH_PATH,
    READY_PATH,
    answer_outside,
    healthz,
    readyz,
)
from edge.charts.drawing import Drawing
from edge.charts.forms import chart_forms
from edge.entrances import Entrances
from edge.http.compression import VARY
from edge.http.sanic_config import config_of
from edge.http.sanic_touchup import apply_touchup
from edge.http.strict_request import StrictRequest
from edge.http.strict_transport import transport_headers
from edge.limits.downloads import Downloads
from edge.limits.load import Load
from edge.limits.rate_limit import RateLimiter
from edge.limits.readers import Readers
from edge.limits.uploads import Uploads
from edge.mcp.tools import tools_of
from edge.not_found import answer_not_found
from edge.openapi import files
from edge.openapi.json_schema import JSON_SCHEMA, json_schema
from edge.operations import (
    OtherForm,
    compile_operation,
    with_batches,
)
from edge.places import all_places
from edge.portal.opened import Portal
from edge.portal.site import make_site
from edge.scopes import scopes_of
from edge.settings import EdgeSettings
from edge.state import Edge, connect, connected
from edge.streams.answering import Streams
from edge.surface import all_services, public_services
from edge.transcoder.routes import Route, routes_of
from edge.upstream.channel import OpenChannel
from edge.usage.reports import UsageReporter
from edge.versions import CHANGES
from edge.versions.contracts import Contracts
from edge.watch import Watch
from edge.web.place import Place
from edge.web.serving import add_places
from edge.web.templating import open_pages

App = Sanic[Any, Any]

NOBODY = Watch()

# Sanic wants each application of a process to have a name of its own.
_numbers = count(1)


def build_app(
    settings: EdgeSettings,
    open_channel: OpenChannel,
    limiter: RateLimiter,
    watch: Watch = NOBODY,
) -> App:
    """Builds the edge.

    Args:
        settings: The settings.
        open_channel: Makes the channel to the services, within the server's loop.
        limiter: The rate limiter, shared by all workers of the machine.
        watch: What counts requests and keeps spans; nothing by default.

    Raises:
        ValueError: The protos say something that the edge cannot serve.
    """
    routes = tuple(routes_of(public_services()))
    edge = _edge(settings, limiter, watch, routes)
    make = partial(make_site, open_pages().environment, routes)
    portal = Portal(make, settings.public_grpc, settings.grpc_port)
    app: App = Sanic(
        f"edge-{next(_numbers)}",
        config=config_of(settings),
        request_class=StrictRequest,
        configure_logging=False,
    )
    streams = Streams(edge)
    app.ctx.settings, app.ctx.figures = settings, watch.figures
    apply_touchup(app)
    _add_entrances(app, edge, streams, _places(edge, routes, portal))
    _add_lifecycle(app, edge, streams, open_channel)
    app.error_handler.add(Exception, partial(answer_outside, edge))
    app.error_handler.add(NotFound, partial(answer_not_found, edge, portal))
    return app


def _edge(
    settings: EdgeSettings,
    limiter: RateLimiter,
    watch: Watch,
    routes: tuple[Route, ...],
) -> Edge:
    """The state of the edge, without the services until the server starts."""
    drawing = Drawing(watch.figures)
    forms = {JSON_SCHEMA: OtherForm(JSON_SCHEMA, "-schema", json_schema)}
    compiled = tuple(
        compile_operation(
            route,
            FINISHES.get(route.rpc),
            forms[route.other_form] if route.other_form else None,
            chart_forms(drawing),
        )
        for route in routes
    )
    base = settings.problem_base
    operations = with_batches(compiled, base, encode_batch, write_batch)
    if watch.figures is not None:
        watch.figures.prepare(operation.name for operation in operations)
    headers = transport_headers(settings)
    return Edge(
        settings=settings,
        limiter=limiter,
        contracts=Contracts(CHANGES, always={**headers, **VARY}),
        operations=operations,
        watch=watch,
        load=Load(settings.max_in_flight, watch.figures),
        readers=Readers(settings.max_readers, settings.max_waits, watch.figures),
        downloads=Downloads(watch.figures),
        uploads=Uploads(),
        headers=headers,
        drawing=drawing,
    )


def _places(edge: Edge, routes: tuple[Route, ...], portal: Portal) -> tuple[Place, ...]:
    document = orjson.loads(files.read(str(edge.contracts.newest.date)))
    return all_places(scopes_of(routes), tools_of(edge.operations, document), portal)


def _add_entrances(
    app: App, edge: Edge, streams: Streams, places: tuple[Place, ...]
) -> None:
    entrances = Entrances(app, edge)
    for operation in edge.operations:
        entrances.add(entrance_of(edge, streams, operation))
    add_places(entrances, edge, places)
    entrances.add_health(HEALTH_PATH, "healthz", healthz)
    entrances.add_health(READY_PATH, "readyz", partial(readyz, edge))


def _add_lifecycle(
    app: App, edge: Edge, streams: Streams, open_channel: OpenChannel
) -> None:
    reporting: list[asyncio.Task[None]] = []

    async def start(app: App) -> None:
        await connect(edge, open_channel, all_services())
        reporting.append(asyncio.create_task(_reporter(edge).run()))

    async def drain(app: App) -> None:
        edge.draining = True
        edge.readers.end()
        streams.end()

    async def end(app: App) -> None:
        # Not before the last request is answered, and counted.
        for task in reporting:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await edge.drawing.end()
        if edge.upstream is not None:
            await _reporter(edge).finish()
            await edge.upstream.channel.close()

    app.before_server_start(start)
    app.before_server_stop(drain)
    app.after_server_stop(end)


def _reporter(edge: Edge) -> UsageReporter:
    method = connected(edge).methods[RecordUsageRequest]
    return UsageReporter(method, edge.tallies, edge.watch.figures)
