"""The OpenAPI documents as tools see them that others wrote.

`OPENAPI_EXAMPLES` says how many requests Schemathesis makes of each operation, beside
those that it works out by itself.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge.openapi import files
from services.roles import RESOURCES, TOKEN
from tests.foreign.programs import HERE, run_node
from tests.openapi.good import make_records
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

VERSIONS = files.versions()

# What stays, and why.
TOLERATED = {
    # A bearer token has scopes too: OpenAPI 3.1 lets an http scheme name roles.
    "spectral oas3-operation-security-defined",
    # Whoever uses the API has a contract with us; no licence is published.
    "redocly info-license",
}

_FEW = 5
_EXAMPLES = rounds("OPENAPI_EXAMPLES")
_MORE_PHASES = ("stateful", "coverage") if _EXAMPLES > _FEW else ()
_PATIENCE_SECONDS = 3_600


@pytest.fixture(
    params=[
        *(pytest.param(each, marks=pytest.mark.nightly) for each in VERSIONS[:-1]),
        VERSIONS[-1],
    ]
)
def document(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The file of a contract."""
    file = tmp_path / f"{request.param}.json"
    file.write_bytes(files.read(request.param))
    return file


# It has no end, for which a judge would wait.
STREAM = "watchChanges"


def operations(document: Path) -> set[str]:
    """What a document's operations are called."""
    paths = json.loads(document.read_text())["paths"]
    return {each["operationId"] for path in paths.values() for each in path.values()}


@pytest.mark.node
def test_spectral_redocly_and_typescript_have_nothing_against_it(
    document: Path,
) -> None:
    said = run_node("openapi/openapi.mjs", {"file": str(document)})
    found = {
        f"{judge} {fault['rule']}": fault
        for judge in ("spectral", "redocly")
        for fault in said[judge]
    }
    assert {rule: found[rule] for rule in found.keys() - TOLERATED} == {}
    assert found.keys() == TOLERATED, "What is tolerated no longer comes up."
    assert set(said["operations"]) == operations(document)


@pytest.mark.canary
@pytest.mark.node
@pytest.mark.parametrize("document", VERSIONS[-1:], indirect=True)
def test_they_see_a_fault_that_is_planted(document: Path) -> None:
    spoilt: Any = json.loads(document.read_text())
    spoilt["paths"] = {"/v1/me": spoilt["paths"]["/v1/me"]}  # they read it in a moment
    me = spoilt["paths"]["/v1/me"]["get"]
    del me["responses"]["200"]["content"]["application/json"]["example"]["role"]
    del me["operationId"]
    document.write_text(json.dumps(spoilt))
    said = run_node("openapi/openapi.mjs", {"file": str(document)})
    rules = {
        fault["rule"] for judge in ("spectral", "redocly") for fault in said[judge]
    }
    assert {"operation-operationId", "no-invalid-media-type-examples"} <= rules


# The generator knows only one media type of files. It is told that an upload in another
# one is a file as well; without that, it leaves them out and warns.
_SETTINGS = """post_hooks: []
content_type_overrides:
  text/csv: application/octet-stream
  application/x-ndjson: application/octet-stream
"""


def test_a_client_for_python_is_made_with_every_operation(
    document: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.yml"
    settings.write_text(_SETTINGS)
    made = tmp_path / "client"
    told = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--path", document, "--output-path", made, "--config", settings),
            "--fail-on-warning",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    modules = {file.stem for file in made.glob("*/api/*/*.py")} - {"__init__"}
    names = {name.replace("_", "") for name in modules}
    assert names == {name.lower() for name in operations(document)}


@pytest.fixture
def tenant(running_stacks: Callable[[str], Stack]) -> Tenant:
    """A tenant of this test's own."""
    return new_tenant(running_stacks("together"))


@pytest.fixture
def existing(tenant: Tenant, tmp_path: Path) -> dict[str, str]:
    """The variables of a run: a token for everything, and ids of what is there."""
    scopes = [f"{resource}.all" for resource in (*RESOURCES, TOKEN)]
    token = tenant.token(scopes)
    ids: dict[str, list[str]] = {}
    with closing(tenant.client(token=token)) as client:
        for n in range(_FEW):
            made = make_records(client, tenant.users["owner"], n)
            for name, record in made.items():
                ids.setdefault(name, []).append(record["id"])
            spare = client.create("/tokens", {"scopes": ["deal.read"]})
            ids.setdefault("token", []).append(spare["id"])
        ids["own-token"] = [client.get("/me").json["token"]["id"]]
    file = tmp_path / "ids.json"
    file.write_text(json.dumps(ids))
    return {"OPENAPI_IDS": str(file), "TOKEN": token}


def judged(
    document: Path, tenant: Tenant, existing: dict[str, str], *more: str
) -> subprocess.CompletedProcess[str]:
    """What Schemathesis says of the product by a document, with all its checks."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", HERE / "openapi/schemathesis.toml", "run", document),
            *("--url", f"http://{tenant.stack.http}", "--no-color"),
            *("--header", f"Authorization: Bearer {existing['TOKEN']}"),
            *("--checks", "all", *more),
            *("--exclude-operation-id", STREAM),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_SECONDS,
        env={**os.environ, **existing},
    )


def test_schemathesis_finds_nothing(tenant: Tenant, existing: dict[str, str]) -> None:
    """Of every operation: what the schema allows, and what it does not."""
    document = Path("gen/openapi") / f"{VERSIONS[-1]}.json"
    phases = ("examples", "fuzzing", *_MORE_PHASES)
    more = ("--phases", ",".join(phases), "--max-examples", str(_EXAMPLES))
    told = judged(document, tenant, existing, *more)
    assert told.returncode == 0, told.stdout[-20_000:] + told.stderr[-2_000:]
    tested = operations(document) - {STREAM}
    assert f"Tested: {len(tested)}" in told.stdout


@pytest.mark.canary
def test_schemathesis_sees_a_fault_that_is_planted(
    tenant: Tenant, existing: dict[str, str], tmp_path: Path
) -> None:
    spoilt = json.loads(files.read(VERSIONS[-1]))
    spoilt["components"]["schemas"]["Me"]["properties"]["role"]["type"] = "integer"
    document = tmp_path / "spoilt.json"
    document.write_text(json.dumps(spoilt))
    alone = ("--include-operation-id", "getMe", "--phases", "fuzzing")
    told = judged(document, tenant, existing, *alone, "--max-examples", "1")
    assert told.returncode == 1
    assert "Response violates schema" in told.stdout
