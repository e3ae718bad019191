"""Records are made, found, changed and printed."""

import csv
import io
import json
from contextlib import closing

import pytest

from tests.clients.command_line.shell import Shell
from tests.clients.unreliable import Network, Said
from tests.world import Tenant

EMAIL = "ada@engine.example"


def test_a_contact_from_its_creation_to_its_end(shell: Shell) -> None:
    made = shell.run(
        *("contacts", "create", "--email", EMAIL, "--lead-score", "80"),
        *("--tags", "VIP", "--tags", "New", "--set", "custom_fields.seats=3"),
        *("--set", "custom_fields.fee:=0.10", "--set", 'custom_fields.plan:="3"'),
    ).json
    assert made["tags"] == ["VIP", "New"]
    assert made["custom_fields"] == {"seats": 3, "fee": 0.1, "plan": "3"}
    found = shell.run("contacts", "search", "--filter", "custom_fields.seats >= 3")
    assert [each["id"] for each in found.json] == [made["id"]]
    changed = shell.run(
        *("contacts", "update", made["id"], "--json", "-", "--city", "Berlin"),
        *("--set", "lead_score=null"),
        stdin='{"city": "Bonn", "first_name": "Ada"}',
    ).json
    assert (changed["city"], changed["first_name"]) == ("Berlin", "Ada")
    assert changed["lead_score"] == 0, "null sets it back"
    told = shell.run("contacts", "get", made["id"], "--fields", "city,email").json
    assert told == {"id": made["id"], "city": "Berlin", "email": EMAIL}
    gone = shell.run("contacts", "delete", made["id"])
    assert (gone.code, gone.out) == (0, "")
    assert shell.run("contacts", "get", made["id"]).code == 1


def test_a_dry_run_changes_nothing(shell: Shell) -> None:
    done = shell.run("contacts", "create", "--email", EMAIL, "--dry-run")
    assert done.json["email"] == EMAIL
    assert shell.run("contacts", "search").json == []


def test_a_key_makes_a_repetition_harmless(shell: Shell) -> None:
    command = ("contacts", "create", "--email", EMAIL, "--idempotency-key", "a-1")
    first, second = shell.run(*command), shell.run(*command)
    assert first.json == second.json
    assert "stored answer" in second.err


@pytest.fixture
def people(tenant: Tenant) -> int:
    """So many contacts that they take more than one page."""
    with closing(tenant.client("owner")) as owner:
        for number in range(105):
            owner.create("/contacts", {"email": f"p{number}@engine.example"})
    return 105


def test_a_search_goes_on_to_the_last_page(shell: Shell, people: int) -> None:
    assert len(shell.run("contacts", "search", "--all").json) == people
    some = shell.run("contacts", "search", "--limit", "102", "--format", "jsonl")
    assert len(some.out.splitlines()) == 102
    assert "--all" in some.err, "it says that there are more"
    assert "--all" not in shell.run("contacts", "search", "--limit", "105").err


@pytest.mark.usefixtures("people")
def test_csv_and_tables_have_the_columns_that_are_asked_for(shell: Shell) -> None:
    shell.run("contacts", "create", "--email", EMAIL, "--city", 'New "York", NY')
    names = ("--columns", "email,city,custom_fields.none")
    search = ("contacts", "search", "--filter", "city is not empty", *names)
    rows = list(csv.reader(io.StringIO(shell.run(*search, "--format", "csv").out)))
    assert rows == [
        ["email", "city", "custom_fields.none"],
        [EMAIL, 'New "York", NY', ""],
    ]
    head, row = shell.run(*search, "--format", "table").out.splitlines()
    assert head.split() == ["EMAIL", "CITY", "CUSTOM_FIELDS.NONE"]
    assert row.startswith(EMAIL)


EXACT = b'{"n": 0.10000000000000000001, "big": 12345678901234567890, "e": 1E+400}'


def test_numbers_keep_their_digits(shell: Shell, network: Network) -> None:
    network.faults += [Said(200, {}, EXACT)] * 2
    assert json.loads(shell.run("me", "get").out, parse_float=str)["n"] == (
        "0.10000000000000000001"
    )
    line = shell.run("me", "get", "--format", "jsonl").out
    assert (
        line == '{"n":0.10000000000000000001,"big":12345678901234567890,"e":1E+400}\n'
    )


HOSTILE = "\\u001b]0;owned\\u0007\\u001b[31m\\u009b2J\\u202e"


@pytest.mark.parametrize("form", ["table", "json", "jsonl"])
def test_a_value_does_nothing_to_a_terminal(
    shell: Shell, network: Network, form: str
) -> None:
    told = f'{{"id": "x", "name": "{HOSTILE}"}}'.encode()
    network.faults.append(Said(200, {}, told))
    done = shell.run("contacts", "get", "x", "--format", form)
    assert not set(done.out) & set("\x1b\x07\x9b\u202e")
    if form != "table":
        assert json.loads(done.out)["name"] == json.loads(f'"{HOSTILE}"')
