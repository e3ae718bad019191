"""The program itself, started as its users start it, for tests to talk to."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.stacks import Process, start


def run(
    *arguments: str, stdin: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.commands.command_line", *arguments],
        capture_output=True,
        input=stdin,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


def output(*arguments: str) -> str:
    """Runs a command that must succeed and returns what it prints."""
    result = run(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@contextmanager
def started(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Starts a command that serves, yields it once it is ready, and ends it."""
    quiet = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}
    process = start(*arguments, env={**quiet, **(env or {})})
    with process.handle:
        try:
            yield process
        finally:
            process.handle.terminate()


def serve(data_dir: Path, *more: str) -> tuple[str, ...]:
    """Returns the arguments that serve everything on free ports."""
    ports = ("--http-port", "0", "--grpc-port", "0")
    return ("serve", "--data-dir", str(data_dir), *ports, *more)


def get(address: str, path: str, token: str = "") -> tuple[int, Any]:
    """Makes one request on a connection of its own: status and JSON."""
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        headers = {"Version": "2026-11-01", "Authorization": f"Bearer {token}"}
        connection.request("GET", path, headers=headers if token else {})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
