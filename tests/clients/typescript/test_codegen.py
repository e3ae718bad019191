"""`prospectconnect-codegen` writes a tenant's own fields as types of TypeScript."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from prospectconnect_client.codegen import name_of
from prospectconnect_contract.records import Field
from tests.clients.programs import Account
from tests.clients.test_codegen import define, definitions
from tests.clients.typescript.programs import run_program
from tests.world import Tenant

pytestmark = pytest.mark.node

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "gen/clients/typescript"
TSC = ROOT / "deploy/clients/typescript/node_modules/.bin/tsc"
STRICT = [
    "--strict",
    "--exactOptionalPropertyTypes",
    "--noUnusedLocals",
    "--module",
    "nodenext",
]

PROGRAM = """\
import { ProspectConnect } from '@prospectconnect/client'
import type { ContactFieldFilter, NewContactFields } from './own_fields.js'
import { contactFields } from './own_fields.js'

export async function run(client: ProspectConnect): Promise<string> {
  const fields: NewContactFields = {
    seats: 3, fee: 0.1, class: 'a', tier: 'gold', topics: ['rings'], paid: true,
    renews_on: '2027-01-31', seen_at: new Date('2026-06-17T00:00:00Z'),
  }
  const ada = { phone: '555 1815', custom_fields: fields }
  const made = await client.contacts.create(ada)
  const seen = new Date('2026-06-17T00:00:00Z')
  const filters: ContactFieldFilter[] = [
    { field: 'custom_fields.seats', operator: 'gte', value: 3 },
    { field: 'custom_fields.fee', operator: 'between', values: [0, 0.1] },
    { field: 'custom_fields.class', operator: 'starts_with', value: 'A' },
    { field: 'custom_fields.class_', operator: 'is_empty' },
    { field: 'custom_fields.tier', operator: 'in', values: ['gold', 'silver'] },
    { field: 'custom_fields.topics', operator: 'any_of', values: ['rings'] },
    { field: 'custom_fields.renews_on', operator: 'lt', value: '2027-02-01' },
    { field: 'custom_fields.paid', operator: 'eq', value: true },
    { field: 'custom_fields.seen_at', operator: 'eq', value: seen },
    { field: 'custom_fields.worth', operator: 'gt', value: 0.2 },
  ]
  for await (const found of client.contacts.search({ filters })) {
    const { seats, tier, worth } = contactFields(found)
    if (found.id === made.id) return `${seats} ${tier} ${worth?.toFixed(1)}`
  }
  return 'nothing'
}
"""
MISTAKES = """\
// @ts-expect-error: a number contains nothing
filter({ field: 'custom_fields.seats', operator: 'contains', value: 3 })
// @ts-expect-error: it is a number
filter({ field: 'custom_fields.seats', operator: 'gte', value: '3' })
// @ts-expect-error: it is no choice
filter({ field: 'custom_fields.tier', operator: 'eq', value: 'bronze' })
// @ts-expect-error: choices have no order
filter({ field: 'custom_fields.tier', operator: 'gt', value: 'gold' })
// @ts-expect-error: it is no choice
filter({ field: 'custom_fields.topics', operator: 'any_of', values: ['gases'] })
// @ts-expect-error: no filter compares it
filter({ field: 'custom_fields.story', operator: 'eq', value: 'Once' })
// @ts-expect-error: there is no such field
filter({ field: 'custom_fields.setas', operator: 'gte', value: 3 })
// @ts-expect-error: there is no such field
given = { setas: 3 }
// @ts-expect-error: it is a number
given = { seats: '3' }
// @ts-expect-error: nobody writes a formula
given = { worth: 3 }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that has the client installed."""
    (tmp_path / "package.json").write_text('{"type": "module"}')
    package = tmp_path / "node_modules/@prospectconnect/client"
    package.parent.mkdir(parents=True)
    package.symlink_to(PACKAGE)
    return tmp_path


def codegen(account: Account, *arguments: str | Path, **more: str) -> tuple[int, str]:
    """Runs the command; returns its exit status and what it says of errors."""
    told = {"PCRM_TOKEN": account.token, "PCRM_URL": account.address, **more}
    done = subprocess.run(
        ["node", PACKAGE / "codegen.js", *arguments],
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_own_fields_have_types(account: Account, tenant: Tenant, project: Path) -> None:
    """The program runs against the product, and the compiler finds each mistake."""
    define(tenant)
    assert codegen(account, project / "own_fields.ts") == (0, "")
    head = (
        "let given: NewContactFields\nconst filter = (_: ContactFieldFilter) => given\n"
    )
    (project / "program.ts").write_text(PROGRAM + head + MISTAKES)
    options = [*STRICT, "--target", "es2022"]
    found = subprocess.run(
        [TSC, *options, "program.ts"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, "")
    (project / "program.ts").write_text(PROGRAM)
    subprocess.run([TSC, *options, "program.ts"], cwd=project, check=True)
    told = run_program(
        account,
        "return (await import(told.path)).run(api)",
        path=str(project / "program.js"),
    )
    assert told == "3 gold 0.3"


def test_the_file_is_checked_and_changes_only_with_the_tenant(
    account: Account, tenant: Tenant, tmp_path: Path
) -> None:
    file = tmp_path / "own_fields.ts"
    status, said = codegen(account, file, "--check")
    assert (status, "is not up to date" in said, file.exists()) == (1, True, False)
    define(tenant)
    assert codegen(account, file) == (0, "")
    before = (file.stat().st_ino, file.stat().st_mtime_ns)
    assert codegen(account, file) == codegen(account, file, "--check") == (0, "")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [file]


def test_the_exit_status_says_what_went_wrong(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "own_fields.ts"
    assert codegen(account, file, PCRM_TOKEN="")[0] == 3
    assert codegen(account, file, PCRM_TOKEN="pcp_none")[0] == 1
    assert codegen(account, file, "--url", "127.0.0.1")[0] == 2
    assert codegen(account)[0] == codegen(account, file, "--chekc")[0] == 2
    assert not file.exists()


WRITE_ALL = "return told.cases.map((fields) => all.typescriptTypes(fields))"


def test_whatever_is_defined_makes_a_module_that_compiles(
    account: Account, project: Path
) -> None:
    """What is defined, and labels above all, adds no statement to it."""
    cases = list(drawn(25))
    texts = run_program(account, WRITE_ALL, cases=cases)
    assert run_program(account, WRITE_ALL, cases=[c[::-1] for c in cases]) == texts
    for number, (fields, text) in enumerate(zip(cases, texts, strict=True)):
        (project / f"case{number}.ts").write_text(text)
        kept = [field for field in fields if not field["archived"]]
        slugs = sorted({field["object"] for field in kept})
        declared = re.findall(r"^export \w", text, re.MULTILINE)
        assert len(declared) == 4 * len(slugs)
        assert all(f"export type {name_of(slug)}Fields = {{" in text for slug in slugs)
    modules = [path.name for path in project.glob("case*.ts")]
    found = subprocess.run(
        [TSC, *STRICT, "--target", "es2022", "--noEmit", *modules],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, "")


def drawn(count: int) -> Iterator[list[Field]]:
    """Definitions as a hostile administrator would make them, the same in each run."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(definitions())
    def collect(fields: list[Field]) -> None:
        found.append(json.loads(json.dumps(fields)))

    collect()
    yield from found[:count]
