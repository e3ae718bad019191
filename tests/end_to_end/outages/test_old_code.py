"""The program of before the newest migration, beside the new one on one database."""

import io
import os
import secrets
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.postgres.migrations import FOLDER, HEAD
from tests import stacks
from tests.client import Client
from tests.stacks import Stack
from tests.world import new_tenant

ROOT = Path(__file__).parents[3]
# So many programs are looked at until one is whole.
MOST_BEFORE = 100


def git(*arguments: str) -> bytes:
    """What git says; the test is skipped where there is no history."""
    try:
        result = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no history to take the old program from")
    return result.stdout


@pytest.fixture
def old_program(tmp_path: Path) -> Path:
    """The newest landed program that knows nothing of the newest migration.

    Merges may land before what is generated from all their protos. Between the two
    there is no program that anybody could have deployed.
    """
    (migration,) = (FOLDER / "versions").glob(f"{HEAD}_*.py")
    landed = ("log", "--first-parent", "-m", "--format=%H")
    # Wherever the file lay when it came: it may have moved since.
    place = f":(glob)**/{migration.name}"
    commits = git(*landed, "--diff-filter=A", "--", place).split()
    if not commits:
        pytest.skip("the newest migration has not landed")
    before = git(*landed, f"{commits[-1].decode()}^1").decode().split()
    for number, commit in enumerate(before[:MOST_BEFORE]):
        program = tmp_path / f"old{number}"
        with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as files:
            files.extractall(program, filter="data")
        if is_generated(program):
            return program
    raise AssertionError("no program before the newest migration was whole")


def is_generated(program: Path) -> bool:
    """Whether what a program has under `gen` comes of its protos."""
    site, made = sysconfig.get_path("purelib"), program / "made.binpb"
    protos = program / "protos"
    files = sorted(f"{e.relative_to(protos)}" for e in protos.rglob("*.proto"))
    compiler = (sys.executable, "-m", "grpc_tools.protoc", "-I", "protos", "-I", site)
    more = ("-I", f"{site}/grpc_tools/_proto", f"--descriptor_set_out={made}")
    wanted = ("--include_imports", "--include_source_info")
    result = subprocess.run(
        [*compiler, *more, *wanted, *files],
        cwd=program,
        capture_output=True,
        check=False,
    )
    if result.returncode:
        return False
    return made.read_bytes() == (program / "gen" / "descriptors.binpb").read_bytes()


def module_of(program: Path) -> str:
    """The module in which the command `prospectconnect` of a program begins."""
    project = tomllib.loads((program / "pyproject.toml").read_text())
    begin: str = project["project"]["scripts"]["prospectconnect"]
    return begin.partition(":")[0]


@pytest.fixture
def old(
    old_program: Path, migrated_database: Callable[[str], str], tmp_path: Path
) -> Iterator[Stack]:
    """The old program, on a database that the new one has migrated."""
    url = migrated_database("old_code")
    place = ("--database-url", url, "--data-dir", str(tmp_path))
    ports = ("--http-port", "0", "--grpc-port", "0")
    path = f"{old_program}{os.pathsep}{old_program / 'gen'}"
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false", "PYTHONPATH": path}
    process = stacks.start(
        "serve",
        "--no-demo",
        *ports,
        *place,
        env=env,
        program=(module_of(old_program),),
        folder=old_program,
        shared={},  # settings that it may not know
    )
    yield Stack("together", process.http, process.grpc, url)
    assert process.stop() == 0


def test_the_old_program_serves_beside_the_new_one(old: Stack) -> None:
    tenant = new_tenant(old)
    with (
        stacks.running("together", old.database_url) as new,
        closing(tenant.client()) as with_old,
        closing(Client(new.http, tenant.tokens["owner"])) as with_new,
    ):
        for one, other in ((with_old, with_new), (with_new, with_old)):
            check_across(one, other)


def check_across(one: Client, other: Client) -> None:
    """What is done with one program is seen with the other."""
    body, key = {"email": "a@b.example"}, secrets.token_hex(8)
    made = one.create("/contacts", body, idempotency_key=key)
    path = f"/contacts/{made['id']}"
    assert alike(other.get(path).json, made)
    again = other.post("/contacts", body, idempotency_key=key)
    assert alike(again.json, made)
    assert again.headers["idempotent-replayed"] == "true"
    changed = other.patch(path, {"city": "Rome"})
    assert changed.status == 200
    assert alike(one.get(path).json, changed.json)
    (found,) = one.search("/contacts", search_text="a@b.example")["data"]
    assert alike(found, changed.json)
    assert other.search("/activities")["data"]
    assert one.delete(path).status == 204
    assert other.get(path).status == 404


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether records are equal, but for fields that only the new program knows."""
    fewer, more = sorted((one, other), key=len)
    return len(fewer) > 20 and all(
        more.get(name) == value for name, value in fewer.items()
    )
