"""Every sample of the reference is run as it stands, but for ids and the address."""

import io
import os
import re
import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import grpc
import orjson
import pytest

from edge.documentation.page import GRPC_HERE, HERE
from edge.openapi import files
from edge.reference.document import Document
from edge.reference.operations import Operation, operations_of
from edge.reference.samples import samples_of
from edge.surface import public_services
from edge.transcoder.routes import routes_of
from prospectconnect_client import Problem
from tests.end_to_end.exports.exporting import exported
from tests.end_to_end.imports.sending import imported
from tests.end_to_end.rights.said_bodies import RECENT
from tests.end_to_end.webhooks.kept import delivered, deliveries, path
from tests.promises import booked
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES
from tests.stacks import Stack
from tests.world import ALL_SCOPES, Tenant, new_tenant

ROOT = Path(__file__).parents[3]
NEWEST = files.versions()[-1]
ROUTES = {(e.http_method, e.path): e for e in routes_of(public_services())}
_ID = re.compile(r"\b([a-z]+_)[0-9a-f]{24}\b")
_MOMENT = r"""(\b{}["']?(?:: ?|=)["'])[^"']+"""
_SECONDS = r"""(\b{}"?(?:: |=)\{{"seconds": )\d+"""
_PARTS = {"stg_": "stage"}
_TO_COME = ("createBooking", "rescheduleBooking", "createHold")
# A field with the options that the sample of replacing one names.
_CHOICE = {
    "object": "contacts",
    "type": "select",
    "label": "Contract",
    "options": [{"value": each, "label": each} for each in ("none", "year")],
}
Programs = list[tuple[str, str]]
Run = Callable[[Programs, Path], dict[str, str]]

_RUN_MODULES = """
for (const path of process.argv.slice(1)) {
  try { await import(path) } catch (error) {
    console.error(`${path}: ${error.message}`)
  }
}
"""


@pytest.fixture
def tenant(running_stacks: Callable[[str], Stack]) -> Tenant:
    return new_tenant(running_stacks("together"))


@pytest.fixture
def maker(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Makes records as the user whose token the samples find."""
    token = tenant.token((*ALL_SCOPES, "token.all"))
    monkeypatch.setenv("TOKEN", token)
    delivered(tenant)
    with closing(tenant.client(token=token)) as client:
        yield Maker(client, {})


def new_key() -> str:
    return f"k{secrets.token_hex(6)}"


def operations(version: str) -> list[Operation]:
    found = operations_of(Document(orjson.loads(files.read(version))), {})
    # All samples share a sandbox, because a tenant has few. Nothing follows a reset.
    last = ("resetSandbox", "endSandboxFaults", "deleteSandbox")
    turns = {name: turn for turn, name in enumerate(last, 1)}
    turns["replaceCalendar"] = -1  # before the calendar is read
    return sorted(found, key=lambda each: turns.get(each.name, 0))


def samples(
    maker: Maker, version: str, language: str, *, own_ids: bool = True
) -> Iterator[tuple[str, str]]:
    """The samples in a language, by the names of their operations."""
    for operation in operations(version):
        if operation.streams:  # it has no end
            continue
        route = ROUTES[operation.method, operation.path]
        found = samples_of(operation, version, route if version == NEWEST else None)
        codes = [each.code for each in found if each.language == language]
        if not codes:  # files and older contracts have none for gRPC
            continue
        (code,) = codes
        if own_ids:
            code = with_own_ids(maker, code, operation.path)
        if operation.name == "replayWebhook":  # of the last 30 days
            code = _at(code, "from", RECENT)
        if operation.name in _TO_COME:
            code = _at(code, "starts_at", booked.time())
        yield operation.name, code


def _at(code: str, name: str, moment: str) -> str:
    """A sample with another moment for a field."""
    seconds = int(datetime.fromisoformat(moment).timestamp())
    code = re.sub(_MOMENT.format(name), f"\\g<1>{moment}", code)
    return re.sub(_SECONDS.format(name), f"\\g<1>{seconds}", code)


def here(tenant: Tenant, found: Iterator[tuple[str, str]]) -> Programs:
    """The samples with the addresses of this server."""
    programs = []
    for name, code in found:
        if "Booking" in name and name.startswith("mark"):  # its meeting has begun
            with closing(tenant.client()) as client:
                ids = (each[0] for each in _ID.finditer(code))
                booked.begin(tenant.stack, client, *ids)
        at = code.replace(GRPC_HERE, tenant.stack.grpc)
        programs.append((name, at.replace(HERE, address(tenant))))
    return programs


def address(tenant: Tenant) -> str:
    return f"http://{tenant.stack.http}"


def with_own_ids(maker: Maker, code: str, path: str) -> str:
    """A sample about records that are there; none was used by another sample."""
    ours: dict[str, str] = {}
    for shown in dict.fromkeys(found[0] for found in _ID.finditer(code)):
        ours[shown] = own_id(maker, shown.partition("_")[0] + "_", path, ours)
    return _ID.sub(lambda found: ours[found[0]], code)


def own_id(maker: Maker, prefix: str, at: str, ours: Mapping[str, str]) -> str:
    """The id of something new for a sample that has `ours` already.

    `at` is the path that it calls.
    """
    names = {each.policy.id_prefix: name for name, each in RESOURCES.items()} | _PARTS
    made: str
    if prefix == "pat_":
        made = maker.client.create("/tokens", {"scopes": ["deal.read"]})["id"]
    elif "/options/" in at:
        made = maker.client.create("/fields", {**_CHOICE, "key": new_key()})["id"]
    elif "/files/" in at:
        made = exported(maker.client, "users")["id"]
    elif "/errors.csv" in at:
        made = imported(maker.client, b"email\nbad\n")["id"]
    elif re.search(r"/imports/[^/]+/(start|cancel)", at):
        made = maker.sent_import()
    elif re.search(r"/imports/[^/]+/undo", at):
        made = maker.ended_import()
    elif prefix == "hld_":  # of the meeting type before it
        made = booked.hold(maker.client, next(iter(ours.values())))["id"]
    elif prefix == "mty_" and re.search(r"/(bookings$|holds)", at):  # with a host
        made = booked.meeting_type(maker.client)
    elif "/deliveries/" in at:  # of the one webhook that has delivered
        of = next(
            each for each in maker.client.pages("/webhooks") if _sent(maker, each)
        )
        made = of["id"] if prefix == "whk_" else _sent(maker, of)[0]["id"]
    elif prefix == "whk_":  # `Maker` gives the same ones again
        made = maker.create(RESOURCES["webhook"])["id"]
    elif prefix == "mrg_" and "/unmerge" in at:  # of the record before it
        survivor = next(iter(ours.values()))
        kind = names[survivor.partition("_")[0] + "_"]
        made = maker.merge(RESOURCES[kind], survivor)["merge_id"]
    else:
        made = maker.reference(names[prefix], 1)
    return made


def _sent(maker: Maker, webhook: Any) -> list[Any]:
    return deliveries(maker.client, path(webhook))


def run_curl(programs: Programs, folder: Path) -> dict[str, str]:
    """Runs samples in a shell; returns what those say that fail."""
    (folder / ".curlrc").write_text("silent\nfail-with-body\nmax-time = 20\n")
    env = {**os.environ, "CURL_HOME": str(folder)}
    failed = {}
    for name, code in programs:
        done = subprocess.run(
            ["sh", "-c", code],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            failed[name] = done.stdout + done.stderr
    return failed


def run_python(programs: Programs, _: Path) -> dict[str, str]:
    """The same in this process."""
    failed = {}
    for name, code in programs:
        printed, names = io.StringIO(), dict[str, Any]()
        try:
            with redirect_stdout(printed), ending(names):
                exec(compile(code, name, "exec"), names)  # noqa: S102 - our own
        except HTTPError as error:
            failed[name] = error.read().decode()
            error.close()
        except (Problem, grpc.RpcError) as error:
            failed[name] = str(error)
        else:
            may_be_silent = "\nprint(" not in code and "    print(" not in code
            may_be_silent |= "for each in" in code
            assert may_be_silent or printed.getvalue(), f"{name} prints nothing"
    return failed


@contextmanager
def ending(names: Mapping[str, Any]) -> Iterator[None]:
    """Closes what a program leaves open; a process of its own would end."""
    try:
        yield
    finally:
        for name in ("client", "channel"):
            if name in names:
                names[name].close()


def run_typescript(programs: Programs, folder: Path) -> dict[str, str]:
    """The same as modules in one Node. They use no type that would have to go."""
    package = folder / "node_modules/@prospectconnect/client"
    package.parent.mkdir(parents=True)
    package.symlink_to(ROOT / "gen/clients/typescript")
    paths = [folder / f"{name}.mjs" for name, _ in programs]
    for module, (_, code) in zip(paths, programs, strict=True):
        module.write_text(code)
    done = subprocess.run(
        ["node", "--input-type=module", "-e", _RUN_MODULES, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    failed = (line.split(": ", 1) for line in done.stderr.splitlines() if ": " in line)
    return {Path(module).stem: message for module, message in failed}


RUNS = {
    "sh": pytest.param("sh", run_curl, marks=pytest.mark.needs_program("curl")),
    "python": pytest.param("python", run_python),
    "typescript": pytest.param(
        "typescript", run_typescript, marks=pytest.mark.needs_program("node")
    ),
    "grpc": pytest.param("grpc", run_python),
}


@pytest.mark.sampled(2, each="language")
@pytest.mark.parametrize("version", files.versions())
@pytest.mark.parametrize(("language", "run"), RUNS.values(), ids=RUNS)
def test_every_sample_runs(
    maker: Maker, tenant: Tenant, version: str, language: str, run: Run, tmp_path: Path
) -> None:
    # Another sample erases a contact. That destroys the files of exports, and ends the
    # imports whose content may name the contact.
    found = sorted(
        here(tenant, samples(maker, version, language)),
        key=lambda e: not re.search("File|Import", e[0]),
    )
    assert run(found, tmp_path) == {}


@pytest.mark.parametrize(("language", "run"), RUNS.values(), ids=RUNS)
def test_a_sample_that_does_not_work_is_found(
    maker: Maker, tenant: Tenant, language: str, run: Run, tmp_path: Path
) -> None:
    """Planted: the ids of the document, which nobody has here."""
    found = here(tenant, samples(maker, NEWEST, language, own_ids=False))
    failed = run([each for each in found if each[0] == "getContact"], tmp_path)
    assert list(failed) == ["getContact"]
    assert re.search("not.found|no such record", failed["getContact"].lower())
