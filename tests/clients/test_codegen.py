"""`prospectconnect-codegen` writes a tenant's own fields as types of Python."""

import ast
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prospectconnect_client.codegen import name_of, python_types
from prospectconnect_contract.records import Field
from tests.clients.programs import Account
from tests.clients.test_types import faults_of
from tests.world import Tenant

ROOT = Path(__file__).parents[2]

# An own field of each type. A tenant defines them.
FIELDS: tuple[dict[str, Any], ...] = (
    {"key": "seats", "type": "integer", "label": 'Seats """ # \u2028 or so'},
    {"key": "fee", "type": "decimal", "label": "Fee", "description": "In euros\n'''"},
    {"key": "class", "type": "text", "label": "Class"},
    {"key": "class_", "type": "text", "label": "Another class"},
    {"key": "story", "type": "long_text", "label": "Story"},
    {"key": "paid", "type": "boolean", "label": "Paid"},
    {"key": "renews_on", "type": "date", "label": "Renews on"},
    {"key": "seen_at", "type": "timestamp", "label": "Seen at"},
    {
        "key": "tier",
        "type": "select",
        "label": "Tier",
        "options": [
            {"value": "gold", "label": "Gold"},
            {"value": "silver", "label": "Silver"},
        ],
    },
    {
        "key": "topics",
        "type": "multi_select",
        "label": "Topics",
        "options": [
            {"value": "rings", "label": "Rings"},
            {"value": "fields", "label": "Fields"},
        ],
    },
    {"key": "agent", "type": "user", "label": "Agent"},
    {
        "key": "worth",
        "type": "formula",
        "label": "Worth",
        "expression": "custom_fields.seats * custom_fields.fee",
    },
)

# A program without a mistake.
PROGRAM = """\
import os, sys
from datetime import date, datetime, timezone
from decimal import Decimal
from prospectconnect_client import ProspectConnect
from own_fields import ContactField, NewContactFields, contact_fields
client = ProspectConnect(sys.argv[1], sys.argv[2])
fields: NewContactFields = {
    "seats": 3, "fee": Decimal("0.10"), "class": "a", "tier": "gold"
}
more: NewContactFields = {
    "renews_on": date(2027, 1, 31), "topics": ["rings"], "paid": True
}
seen: NewContactFields = {"seen_at": datetime(2026, 6, 17, tzinfo=timezone.utc)}
made = client.contacts.create(
    email="ada@engine.example", custom_fields={**fields, **more, **seen}
)
found = list(client.contacts.search(filters=[
    ContactField.seats.gte(3), ContactField.fee.between(0, Decimal("0.1")),
    ContactField.class__.eq("a"), ContactField.class_.is_empty(),
    ContactField.tier.is_in(["gold", "silver"]), ContactField.topics.any_of(["rings"]),
    ContactField.renews_on.lt(date(2027, 2, 1)), ContactField.paid.eq(True),
    ContactField.seen_at.gte(datetime(2026, 6, 17, tzinfo=timezone.utc)),
    {"not": ContactField.agent.is_not_empty()}, ContactField.worth.gt(0.2),
]))
own = contact_fields(found[0])
seats: int = own["seats"] or 0
fee = own["fee"] or Decimal(0)
word: str | None = own["class"]
renewed: date | None = own["renews_on"]
assert (seats, str(fee), word, own["tier"]) == (3, "0.1", "a", "gold"), own
assert renewed == date(2027, 1, 31), own
assert isinstance(own["worth"], Decimal), own
assert found[0]["custom_fields"]["renews_on"] == "2027-01-31", "it stays as it came"
assert [each["id"] for each in found] == [made["id"]]
print(seats * fee)
"""

# One mistake a line, after the lines above.
MISTAKEN = """\
ContactField.seats.contains("3")
ContactField.seats.gte("3")
ContactField.tier.eq("bronze")
ContactField.tier.gt("gold")
ContactField.topics.any_of(["gases"])
ContactField.story.eq("Once")
ContactField.setas.gte(3)
ContactField.paid.eq("yes")
ContactField.renews_on.gte(5)
worst: NewContactFields = {"setas": 3}
worse: NewContactFields = {"seats": "3"}
wrong: NewContactFields = {"worth": 3}
own["setas"]
number: int = own["tier"]
day: str = own["renews_on"] or ""
"""


def define(tenant: Tenant) -> None:
    """Defines an own field of each type, and waits for none: contacts are few."""
    with closing(tenant.client("owner")) as owner:
        for field in FIELDS:
            owner.create("/fields", {"object": "contacts", **field})


def codegen(account: Account, *arguments: str | Path, **more: str) -> tuple[int, str]:
    """Runs the command; returns its exit status and what it says of errors."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}/deploy/clients/python:{ROOT}/gen/clients/python",
        "PCRM_TOKEN": account.token,
        "PCRM_URL": account.address,
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-m", "prospectconnect_client.codegen", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_own_fields_have_types(
    account: Account, tenant: Tenant, tmp_path: Path
) -> None:
    """The program runs against the product, and mypy finds each mistake after it."""
    define(tenant)
    assert codegen(account, tmp_path / "own_fields.py") == (0, "")
    lines = PROGRAM.splitlines()
    found = faults_of(tmp_path, [*lines, *MISTAKEN.splitlines()])
    first = len(lines) + 1
    assert found == set(range(first, first + len(MISTAKEN.splitlines())))
    (tmp_path / "right.py").write_text(PROGRAM)
    paths = [tmp_path, ROOT / "deploy/clients/python", ROOT / "gen/clients/python"]
    told = subprocess.run(
        [sys.executable, "right.py", account.token, account.address],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(map(str, paths))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.stdout, told.stderr) == ("0.3\n", "")


def test_the_file_is_checked_and_changes_only_with_the_tenant(
    account: Account, tenant: Tenant, tmp_path: Path
) -> None:
    file = tmp_path / "own_fields.py"
    status, said = codegen(account, file, "--check")
    assert (status, "is not up to date" in said, file.exists()) == (1, True, False)
    define(tenant)
    assert codegen(account, file) == (0, "")
    before = (file.stat().st_ino, file.stat().st_mtime_ns)
    assert codegen(account, file) == codegen(account, file, "--check") == (0, "")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == before
    with closing(tenant.client("owner")) as owner:
        more = {
            "object": "deals",
            "key": "margin",
            "type": "decimal",
            "label": "Margin",
        }
        owner.create("/fields", more)
    assert codegen(account, file, "--check")[0] == 1
    assert codegen(account, file) == (0, "")
    assert "DealFields" in file.read_text()
    assert list(tmp_path.iterdir()) == [file]


def test_the_exit_status_says_what_went_wrong(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "own_fields.py"
    assert codegen(account, file, PCRM_TOKEN="")[0] == 3
    assert codegen(account, file, PCRM_TOKEN="pcp_none")[0] == 1
    assert codegen(account, file, PCRM_URL="http://127.0.0.1:9")[0] == 4
    assert codegen(account, file, PCRM_URL="127.0.0.1")[0] == 2
    assert codegen(account)[0] == 2
    assert not file.exists()


def test_names_of_objects_are_never_the_same() -> None:
    """Each slug of up to five of these characters, and the kinds that are built in."""
    slugs = {"contacts", "companies", "deals", "contact", "deal"}
    for length in range(1, 6):
        for each in itertools.product("ab_1", repeat=length):
            slugs.add("a" + "".join(each))
    names = {name_of(slug) for slug in slugs}
    assert len(names) == len(slugs)
    assert all(name.isidentifier() for name in names)


KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True) | st.sampled_from(
    ("class", "class_", "import", "none", "str", "cast", "literal", "self", "key")
)
TYPES = st.sampled_from(
    (
        *("integer", "decimal", "boolean", "date", "timestamp", "select"),
        *("multi_select", "user", "record", "long_text", "email", "country", "text"),
        *("formula", "newer"),
    )
)


@st.composite
def definitions(draw: st.DrawFn) -> list[Field]:
    """Definitions as a hostile administrator would make them."""
    objects = st.sampled_from(("contacts", "deals", "machines", "records", "class"))
    pairs = draw(st.sets(st.tuples(objects, KEYS), max_size=12))
    return [_definition(draw, *pair) for pair in sorted(pairs)]


def _definition(draw: st.DrawFn, slug: str, key: str) -> Field:
    values = draw(st.sets(st.from_regex(r"[a-z0-9_]{1,8}", fullmatch=True), max_size=3))
    field: Any = {
        "object": slug,
        "key": key,
        "type": draw(TYPES),
        "label": draw(st.text(max_size=30)),
        "description": draw(st.none() | st.text(max_size=30)),
        "options": [
            {"value": each, "archived": draw(st.booleans())} for each in sorted(values)
        ],
        "result": draw(st.sampled_from(("string", "number", "boolean", None))),
        "archived": draw(st.booleans()),
    }
    made: Field = field
    return made


@given(definitions(), st.randoms())
def test_whatever_is_defined_makes_the_same_module(
    fields: list[Field], chance: Any
) -> None:
    """Labels and options add no statement to it, and their order does not matter."""
    text = python_types(fields)
    shuffled = [*fields]
    chance.shuffle(shuffled)
    assert python_types(shuffled) == text
    space: dict[str, Any] = {"__name__": "own_fields"}
    exec(compile(text, "own_fields.py", "exec"), space)  # noqa: S102 - it is ours
    assert {type(each).__name__ for each in ast.parse(text).body} <= {
        *("Expr", "Import", "ImportFrom", "Assign", "ClassDef", "FunctionDef")
    }
    for slug, keys in expected(fields):
        made = space[f"{name_of(slug)}Fields"]
        assert set(made.__annotations__) == keys


def expected(fields: list[Field]) -> Iterator[tuple[str, set[str]]]:
    """The keys of each object that a type has to have."""
    kept = [field for field in fields if not field["archived"]]
    for slug in {field["object"] for field in kept}:
        yield slug, {field["key"] for field in kept if field["object"] == slug}


@pytest.mark.parametrize(
    "word", ["__import__('os')", "a\rimport os", 'x"""\nimport os']
)
def test_a_label_is_no_program(word: str) -> None:
    field: Any = {
        "object": "contacts",
        "key": "seats",
        "type": "integer",
        "label": word,
        "description": word,
        "options": [],
        "archived": False,
        "result": None,
    }
    text = python_types([field])
    names = [
        each.names for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Import)
    ]
    assert names == []
