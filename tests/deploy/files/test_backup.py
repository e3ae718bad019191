"""A backup, done as its page says, holds whatever was acknowledged before it began."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deploy.embedded import postgres
from tests import stacks
from tests.client import Client
from tests.deploy import program
from tests.harness.database.own_postgres import kill
from tests.harness.database.row_lock import until
from tests.harness.wire.repeaters import Repeater, doubled_or_lost, repeating
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "backup.md"
ANSWERS = 60

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_PATHS, _TAKE, _RESTORE, _SERVE, _DUMP, _CLEAN = range(6)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with the programs of an installation where the page has them."""
    with TemporaryDirectory(prefix="pc-") as name:
        home = Path(name)
        home.chmod(0o755)
        programs = home / ".venv" / "bin"
        programs.mkdir(parents=True)
        for file, more in (
            ("python", ""),
            ("prospectconnect", "-m deploy.commands.command_line "),
        ):
            (programs / file).write_text(
                f'#!/bin/sh\nexec {sys.executable} {more}"$@"\n'
            )
            (programs / file).chmod(0o755)
        yield home


def run(folder: Path, blocks: Sequence[int], **variables: str) -> None:
    """Runs some of the page's commands, as they are written."""
    written = _BLOCK.findall(PAGE.read_text())
    assert len(written) == _CLEAN + 1
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(written[each] for each in blocks)],
        cwd=folder,
        env={**os.environ, **variables},
        check=True,
        timeout=120,
    )


@contextmanager
def written_to(tenant: Tenant) -> Iterator[list[Repeater]]:
    """Lets clients write, and goes on once much is acknowledged."""
    with repeating(tenant.stack.http, tenant.tokens["owner"], count=3) as repeaters:
        until(lambda: sum(len(r.acknowledged) for r in repeaters) >= ANSWERS, 60)
        yield repeaters


def acknowledged(repeaters: Sequence[Repeater]) -> list[Repeater]:
    """What the clients were promised until now."""
    return [
        Repeater(r.number, r.address, r.token, acknowledged=list(r.acknowledged))
        for r in repeaters
    ]


def check(tenant: Tenant, stack: Stack, promised: Sequence[Repeater]) -> None:
    """All that was promised is there, and the product works on it."""
    found = doubled_or_lost(stack.database_url, tenant.business_id, promised)
    assert asyncio.run(found) == []
    with closing(Client(stack.http, tenant.tokens["owner"])) as client:
        key = promised[0].acknowledged[-1]
        again = client.post(
            "/contacts", {"email": f"c{key}@repeat.example"}, idempotency_key=key
        )
        assert again.headers["idempotent-replayed"] == "true"
        assert client.get(f"/contacts/{again.json['id']}").status == 200
        body = {
            "filters": [
                {"field": "email", "operator": "eq", "value": again.json["email"]}
            ]
        }
        assert len(client.search("/contacts", **body)["data"]) == 1
        assert client.post("/contacts", {"email": "new@b.example"}).status == 201


def test_the_embedded_one_is_restored_from_a_copy_made_while_it_is_written_to(
    folder: Path,
) -> None:
    data = folder / ".data"
    with (
        program.started(*program.serve(data, "--no-demo")) as process,
        postgres.running(data, lambda _: None) as url,
    ):
        tenant = new_tenant(Stack("together", process.http, process.grpc, url))
        with written_to(tenant) as repeaters:
            promised = acknowledged(repeaters)
            run(folder, (_PATHS, _TAKE))
        process.stop()
    kill(data)  # the copy must stand alone
    run(folder, (_RESTORE,))
    restored = folder / "restored"
    with (
        program.started(*program.serve(restored, "--no-demo")) as process,
        postgres.running(restored, lambda _: None) as url,
    ):
        stack = Stack("together", process.http, process.grpc, url)
        check(tenant, stack, promised)
        process.stop()


def test_what_the_page_serves_with_is_a_command() -> None:
    written = _BLOCK.findall(PAGE.read_text())[_SERVE].split()
    assert written[0] == ".venv/bin/prospectconnect"
    assert program.run(*written[1:], "--help").returncode == 0


@pytest.mark.nightly
def test_a_database_is_restored_from_a_dump_made_while_it_is_written_to(
    folder: Path,
    new_database: Callable[[str], str],
    migrated_database: Callable[[str], str],
) -> None:
    old, new = migrated_database("dumped"), new_database("restored")
    urls = {"DATABASE_URL": old, "NEW_DATABASE_URL": new}
    with stacks.running("together", old) as stack:
        tenant = new_tenant(stack)
        with written_to(tenant) as repeaters:
            promised = acknowledged(repeaters)
            run(folder, (_PATHS, _DUMP), **urls)
    with stacks.running("together", new) as stack:
        check(tenant, stack, promised)
