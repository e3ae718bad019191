"""Keepalive: services let idle clients ask whether they are still there.

A gRPC server takes a ping every five minutes by itself, and ends the connection of
whoever asks more often. What edge and services agree on instead is run here faster,
on a real channel and a real server.
"""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health, health_pb2_grpc

from deploy.serving.grpc_server import CONNECTIONS
from deploy.serving.process import CHANNEL_OPTIONS
from tests.harness.wire.http2_frames import CALM_DOWN, Wire, wire_to

FASTER = 100  # though gRPC sends a ping a second at most
INTERVAL = "grpc.http2.min_ping_interval_without_data_ms"
ENOUGH = 6  # pings; a server puts up with two bad ones
PATIENCE_SECONDS = 180.0

Options = tuple[tuple[str, Any], ...]


def faster(options: Options) -> Options:
    """The same options with shorter times between pings."""
    times = (INTERVAL, "grpc.keepalive_time_ms")
    return tuple(
        (name, value // FASTER if name in times else value) for name, value in options
    )


def without(options: Options, left_out: str) -> Options:
    assert left_out in dict(options)
    return tuple(each for each in options if each[0] != left_out)


# An edge has a call at all times, by which it watches the services' health.
EDGE = CHANNEL_OPTIONS
CLIENT = without(EDGE, "grpc.service_config")


async def idle(client: Options, allowed: Options) -> Wire:
    """What passes between a channel, which nobody uses, and a server."""
    server = grpc.aio.server(options=faster(allowed))
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with (
            wire_to(port) as wire,
            grpc.aio.insecure_channel(
                f"127.0.0.1:{wire.port}", options=faster(client)
            ) as channel,
        ):
            channel.get_state(try_to_connect=True)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await wire.until(ENOUGH)
            return wire
    finally:
        await server.stop(None)


@pytest.mark.parametrize("client", [EDGE, CLIENT], ids=["edge", "client"])
def test_who_is_idle_keeps_the_connection(client: Options) -> None:
    wire = asyncio.run(idle(client, CONNECTIONS))
    assert not wire.goodbyes
    assert wire.pings >= ENOUGH


@pytest.mark.canary
@pytest.mark.parametrize(
    ("client", "left_out"),
    [(EDGE, INTERVAL), (CLIENT, "grpc.keepalive_permit_without_calls")],
    ids=["edge", "client"],
)
def test_services_that_allow_less_would_end_it(client: Options, left_out: str) -> None:
    wire = asyncio.run(idle(client, without(CONNECTIONS, left_out)))
    assert wire.goodbyes == [CALM_DOWN]
