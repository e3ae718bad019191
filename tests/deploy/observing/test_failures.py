"""What failed is found in the log, and what a client sent or a row keeps is not."""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.embedded import postgres
from tests import stacks
from tests.harness.programs.faulty_program import program
from tests.stacks import PROGRAM, Stack
from tests.world import new_tenant

# It stands in no line of code, which tracebacks show.
VALUE = "".join(("Zdenka", "Novotna"))


@pytest.fixture(scope="module")
def picky_url(migrated_database: Callable[[str], str]) -> str:
    """A database with a rule of its own, which the services do not know."""

    async def prepare(url: str) -> None:
        link = await asyncpg.connect(url)
        await link.execute(
            "ALTER TABLE contacts ADD CONSTRAINT planted"
            f" CHECK (last_name <> '{VALUE}')"
        )
        await link.close()

    url = migrated_database("picky")
    asyncio.run(prepare(url))
    return url


def log_of_a_failure(url: str, folder: Path, which: tuple[str, ...]) -> str:
    """What a program logs while a write breaks a rule that nobody foresaw."""
    ports = ("--http-port", "0", "--grpc-port", "0", "--log-format", "json")
    place = ("--no-demo", "--data-dir", str(folder), "--database-url", url)
    with (folder / "log").open("w") as file:
        process = stacks.start("serve", *ports, *place, program=which, log=file)
        try:
            tenant = new_tenant(Stack("together", process.http, process.grpc, url))
            with closing(tenant.client()) as client:
                body = {"email": "z@example.com", "last_name": VALUE}
                assert client.post("/contacts", body).status == 500
        finally:
            assert process.stop() == 0
    return (folder / "log").read_text()


def test_a_failed_statement_is_found_without_its_row(
    picky_url: str, tmp_path: Path
) -> None:
    log = log_of_a_failure(picky_url, tmp_path, PROGRAM)
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.splitlines()]
    (failed,) = (line for line in lines if line["event"] == "a method failed")
    told = failed["exception"]
    assert failed["method"].endswith("/CreateContact")
    assert "CheckViolationError (sqlstate=23514, table_name=contacts" in told
    assert "constraint_name=planted" in told
    assert "engine.py" in told
    assert VALUE not in log
    assert "z@example.com" not in log


@pytest.mark.canary
def test_a_row_in_the_log_would_be_seen(picky_url: str, tmp_path: Path) -> None:
    log = log_of_a_failure(picky_url, tmp_path, program("messages_logged"))
    assert "Failing row contains (" in log
    assert VALUE in log


@pytest.mark.parametrize("verbosity", ["", "default"], ids=["ours", "planted"])
def test_nor_is_it_in_the_log_of_the_embedded_database(verbosity: str) -> None:
    with tempfile.TemporaryDirectory(prefix="pc-") as place:
        folder = Path(place)
        with postgres.running(folder, lambda _: None) as url:
            asyncio.run(break_a_rule(url, verbosity))
            logs = [each.read_text() for each in folder.rglob("*.log")]
    told = "".join(logs)
    assert 'violates check constraint "planted"' in told
    assert (VALUE in told) == bool(verbosity), "details are what would tell it"


async def break_a_rule(url: str, verbosity: str) -> None:
    link = await asyncpg.connect(url)
    if verbosity:
        await link.execute(f"SET log_error_verbosity = '{verbosity}'")
    await link.execute(
        "CREATE TABLE people (name text CONSTRAINT planted CHECK (length(name) < 3))"
    )
    with pytest.raises(asyncpg.CheckViolationError):
        await link.execute("INSERT INTO people VALUES ($1)", VALUE)
    await link.close()


WAYS = {
    "structlog": "get_logger().exception('failed')",
    "logging": "logging.getLogger('any').exception('failed')",
}
CODE = """
import logging, sys
from structlog import get_logger
from deploy.observing.logs import configure_logs

configure_logs(sys.argv[1])
try:
    try:
        int(sys.argv[2])
    except ValueError as error:
        error.add_note(sys.argv[2])
        raise ExceptionGroup(sys.argv[2], [KeyError(sys.argv[2])]) from error
except ExceptionGroup:
    {way}
"""


def logged(code: str, form: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code, form, VALUE],
        capture_output=True,
        check=True,
        text=True,
    )
    return result.stderr


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("way", WAYS)
def test_no_message_is_logged(way: str, form: str) -> None:
    log = logged(CODE.format(way=WAYS[way]), form)
    assert VALUE not in log
    for told in ("failed", "ValueError", "ExceptionGroup", "KeyError", "<module>"):
        assert told in log, log


NOBODY_WAITED = """
import asyncio, gc, sys
from deploy.observing.logs import configure_logs

configure_logs(sys.argv[1])

async def fail():
    int(sys.argv[2])

async def run():
    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()

asyncio.run(run())
"""


def test_nor_that_of_a_task_that_nobody_waited_for() -> None:
    log = logged(NOBODY_WAITED, "json")
    assert VALUE not in log
    assert "Task exception was never retrieved" in log
    assert "ValueError" in log
