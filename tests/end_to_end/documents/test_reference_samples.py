"""Every sample of the reference is run as it stands, but for ids and the address."""

import io
import os
import re
import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import orjson
import pytest

from edge.documentation.page import HERE
from edge.openapi import files
from edge.reference.document import Document
from edge.reference.operations import Operation, operations_of
from edge.reference.samples import samples_of
from tests.end_to_end.exports.exporting import exported
from tests.end_to_end.imports.sending import imported
from tests.end_to_end.rights.probes import RECENT
from tests.end_to_end.webhooks.kept import delivered, deliveries, path
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES
from tests.stacks import Stack
from tests.world import ALL_SCOPES, Tenant, new_tenant

_ID = re.compile(r"\b([a-z]+_)[0-9a-f]{24}\b")
_FROM = re.compile(r"""("from": ?["'])[^"']+""")
_PARTS = {"stg_": "stage"}
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
    return list(operations_of(Document(orjson.loads(files.read(version))), {}))


def samples(
    maker: Maker, version: str, language: str, *, own_ids: bool = True
) -> Iterator[tuple[str, str]]:
    """The samples in a language, by the names of their operations."""
    address = f"http://{maker.client.address}"
    for operation in operations(version):
        if operation.streams:  # it has no end
            continue
        (code,) = (
            each.code
            for each in samples_of(operation, version)
            if each.language == language
        )
        if own_ids:
            code = with_own_ids(maker, code)
        if operation.name == "replayWebhook":  # of the last 30 days
            code = _FROM.sub(f"\\g<1>{RECENT}", code)
        yield operation.name, code.replace(HERE, address)


def with_own_ids(maker: Maker, code: str) -> str:
    """A sample about records that are there; none was used by another sample."""
    ours: dict[str, str] = {}
    for shown in dict.fromkeys(found[0] for found in _ID.finditer(code)):
        ours[shown] = own_id(maker, shown.partition("_")[0] + "_", code, ours)
    return _ID.sub(lambda found: ours[found[0]], code)


def own_id(maker: Maker, prefix: str, code: str, ours: Mapping[str, str]) -> str:
    """The id of something new for a sample that has `ours` already."""
    names = {each.policy.id_prefix: name for name, each in RESOURCES.items()} | _PARTS
    made: str
    if prefix == "pat_":
        made = maker.client.create("/tokens", {"scopes": ["deal.read"]})["id"]
    elif "/options/" in code:
        made = maker.client.create("/fields", {**_CHOICE, "key": new_key()})["id"]
    elif "/files/" in code:
        made = exported(maker.client, "users")["id"]
    elif "/errors.csv" in code:
        made = imported(maker.client, b"email\nbad\n")["id"]
    elif re.search(r"/imports/[^/]+/(start|cancel)", code):
        made = maker.sent_import()
    elif "/deliveries/" in code:  # of the one webhook that has delivered
        of = next(
            each for each in maker.client.pages("/webhooks") if _sent(maker, each)
        )
        made = of["id"] if prefix == "whk_" else _sent(maker, of)[0]["id"]
    elif prefix == "whk_":  # `Maker` gives the same ones again
        made = maker.create(RESOURCES["webhook"])["id"]
    elif prefix == "mrg_" and "/unmerge" in code:  # of the record before it
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
        printed = io.StringIO()
        try:
            with redirect_stdout(printed):
                exec(compile(code, name, "exec"), {})  # noqa: S102 - our own
        except HTTPError as error:
            failed[name] = error.read().decode()
            error.close()
        else:
            assert printed.getvalue(), f"{name} prints nothing"
    return failed


def run_typescript(programs: Programs, folder: Path) -> dict[str, str]:
    """The same as modules in one Node. They use no type that would have to go."""
    paths = [folder / f"{name}.mjs" for name, _ in programs]
    for module, (_, code) in zip(paths, programs, strict=True):
        module.write_text(code)
    done = subprocess.run(
        ["node", "--input-type=module", "-e", _RUN_MODULES, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    failed = (line.split(": ", 1) for line in done.stderr.splitlines())
    return {Path(module).stem: message for module, message in failed}


RUNS = {
    "sh": pytest.param("sh", run_curl, marks=pytest.mark.needs_program("curl")),
    "python": pytest.param("python", run_python),
    "typescript": pytest.param(
        "typescript", run_typescript, marks=pytest.mark.needs_program("node")
    ),
}


@pytest.mark.sampled(2, each="language")
@pytest.mark.parametrize("version", files.versions())
@pytest.mark.parametrize(("language", "run"), RUNS.values(), ids=RUNS)
def test_every_sample_runs(
    maker: Maker, version: str, language: str, run: Run, tmp_path: Path
) -> None:
    # Another sample erases a contact. That destroys the files of exports, and ends the
    # imports whose content may name the contact.
    found = sorted(
        samples(maker, version, language),
        key=lambda e: not re.search("File|Import", e[0]),
    )
    assert run(found, tmp_path) == {}


@pytest.mark.parametrize(("language", "run"), RUNS.values(), ids=RUNS)
def test_a_sample_that_does_not_work_is_found(
    maker: Maker, language: str, run: Run, tmp_path: Path
) -> None:
    """Planted: the ids of the document, which nobody has here."""
    found = samples(maker, files.versions()[-1], language, own_ids=False)
    failed = run([each for each in found if each[0] == "getContact"], tmp_path)
    assert list(failed) == ["getContact"]
    assert "not-found" in failed["getContact"]
