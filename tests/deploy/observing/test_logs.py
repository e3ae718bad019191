"""Logs: a line of JSON for each request and call, findable by its trace id."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from prospectconnect.iam.v1 import access_pb2, access_pb2_grpc

from tests import stacks
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
GET_ME = "/prospectconnect.iam.v1.AccessService/GetMe"


def lines_of(file: Path) -> list[dict[str, Any]]:
    """The lines of a log, each of which must be JSON."""
    return [json.loads(line) for line in file.read_text().splitlines()]


@contextmanager
def logging(database_url: str, log: Path) -> Iterator[Tenant]:
    """A tenant of split processes that write to one log, which is whole at the end."""
    place = ("--database-url", database_url)
    with log.open("w") as file:
        services = start(file, "services", "--grpc-port", "0", *place)
        edge = start(
            file,
            *("edge", "--http-port", "0", "--services", services.grpc),
            *("--data-dir", str(log.parent)),
        )
        try:
            stack = Stack("split", edge.http, services.grpc, database_url)
            yield new_tenant(stack)
        finally:
            assert edge.stop() == 0
            assert services.stop() == 0


def start(file: Any, *arguments: str) -> stacks.Process:
    return stacks.start(*arguments, "--log-format", "json", log=file)


def test_a_request_is_found_in_every_process_by_its_trace(
    database_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with logging(database_url, log) as tenant, closing(tenant.client()) as client:
        answer = client.get("/me", traceparent=PARENT)
        assert answer.headers["x-trace-id"] == TRACE
        lost = client.get("/nothing").headers["x-trace-id"]
    lines = lines_of(log)
    found = [line for line in lines if line.get("trace_id") == TRACE]
    (request,) = (line for line in found if line["event"] == "request")
    assert (request["method"], request["route"]) == ("GET", "/v1/me")
    assert request["status"] == 200
    assert request["ms"] > 0
    calls = {line["method"]: line for line in found if line["event"] == "call"}
    assert calls[GET_ME]["code"] == "OK"
    assert calls[GET_ME]["ms"] > 0
    assert any(line.get("trace_id") == lost for line in lines)
    assert all("trace_id" in each for each in lines if each["event"] != "usage_dropped")
    assert tenant.tokens["owner"] not in log.read_text()


def test_a_call_over_grpc_alone_has_a_line_and_a_trace(
    database_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with (
        logging(database_url, log) as tenant,
        grpc.insecure_channel(tenant.stack.grpc) as channel,
    ):
        stub = access_pb2_grpc.AccessServiceStub(channel)
        bearer = ("authorization", f"Bearer {tenant.tokens['owner']}")
        for metadata in ((bearer,), (bearer, ("traceparent", PARENT))):
            stub.GetMe(access_pb2.GetMeRequest(), timeout=60, metadata=metadata)
        with pytest.raises(grpc.RpcError):
            stub.GetMe(access_pb2.GetMeRequest(), timeout=60)
    lines = [line for line in lines_of(log) if line.get("method") == GET_ME]
    assert [line["code"] for line in lines] == ["OK", "OK", "UNAUTHENTICATED"]
    assert lines[1]["trace_id"] == TRACE
    assert all(len(line["trace_id"]) == 32 for line in lines)
    assert len({line["trace_id"] for line in lines}) == 3


@pytest.mark.parametrize(
    ("form", "begins"), [("json", b"{"), ("auto", b"{"), ("console", b"\x1b[2m20")]
)
def test_logs_are_written_as_asked(form: str, begins: bytes) -> None:
    code = (
        "import structlog; from deploy.observing.logs import configure_logs;"
        f"configure_logs({form!r}); structlog.get_logger().info('hello')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={**os.environ, "FORCE_COLOR": "1"},
    )
    assert result.stderr.startswith(begins)
    assert result.stdout == b""
