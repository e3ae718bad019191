"""In a sandbox each type of change can be made, and nowhere else is anything made."""

import json
from typing import Any

import pytest

from pcrm.triggers.every_type import NOT_MADE, TYPES
from services.changes.meanings import told_kinds, types_of
from services.every_kind import compile_kinds
from tests.clients.command_line.shell import Shell
from tests.clients.unreliable import Network

MACHINES = ("--slug", "machines", "--singular-label", "Machine")


@pytest.fixture
def sandbox(shell: Shell) -> Shell:
    """A shell in a sandbox of the tenant, with an own object."""
    made = shell.run("sandboxes", "create", "--name", "Trial", "--copy", "schema").json
    inside = shell.with_(PCRM_TOKEN=made["token"])
    done = inside.run("objects", "create", *MACHINES, "--plural-label", "Machines")
    assert done.code == 0, done.err
    return inside


def test_every_type_of_the_feed_is_made_or_named_as_one_that_cannot_be() -> None:
    kinds = told_kinds({name: each.kind for name, each in compile_kinds().items()})
    told = {name for kind in kinds for name in types_of(kind)}
    assert set(TYPES) | NOT_MADE == told
    assert not set(TYPES) & NOT_MADE


def trigger(shell: Shell, *arguments: str) -> Any:
    """The change that a trigger has made."""
    done = shell.run("trigger", *arguments)
    assert done.code == 0, (arguments, done.err)
    return json.loads(done.out)


def test_each_type_is_made_and_told(sandbox: Shell) -> None:
    for name in TYPES:
        change = trigger(sandbox, name)
        assert (change["type"], change["sandbox"]) == (name, True)


def test_it_tells_the_calls_it_makes_and_takes_values(sandbox: Shell) -> None:
    done = sandbox.run(
        *("trigger", "contact.updated", "--set", "city=Turin"),
        *("--set", "custom_fields.seats=3", "--json", '{"lead_score": 7}'),
    )
    change = json.loads(done.out)
    contact = change["record"]["id"]
    assert done.err.splitlines() == [
        f"pcrm contacts create  {contact}",
        f"pcrm contacts update  {contact}",
    ]
    state = change["state"]
    assert (state["city"], state["lead_score"]) == ("Turin", 7)
    assert state["custom_fields"] == {"seats": 3}
    assert change["changed"]["job_title"]["to"] == state["job_title"]


def test_as_many_as_are_asked_for_are_made(sandbox: Shell) -> None:
    done = sandbox.run("trigger", "task.created", "--times", "3")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert len({each["record"]["id"] for each in lines}) == 3


def test_records_of_a_named_object_are_made(sandbox: Shell) -> None:
    change = trigger(sandbox, "record.created", "--object", "machines")
    assert change["record"]["resource"] == "machines"
    refused = sandbox.run("trigger", "record.created", "--object", "engines")
    assert (refused.code, refused.out) == (1, "")


def test_a_live_tenant_is_left_alone(shell: Shell, network: Network) -> None:
    done = shell.run("trigger", "contact.created")
    assert (done.code, done.out) == (2, "")
    assert "is no sandbox" in done.err
    assert [(each.method, each.path) for each in network.seen] == [("GET", "/v1/me")]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("contact.create", "contact.created"),
        ("job.failed", "nothing can make at once"),
        ("*", "pcrm trigger --help"),
    ],
)
def test_an_unknown_type_is_wrong_use(
    shell: Shell, network: Network, name: str, hint: str
) -> None:
    done = shell.run("trigger", name)
    assert done.code == 2
    assert hint in done.err
    assert not network.seen


def test_the_help_lists_the_types(shell: Shell) -> None:
    told = shell.run("trigger", "--help").out
    assert all(name.partition(".")[2] in told for name in TYPES)


def test_a_refused_value_is_a_problem_of_the_api(sandbox: Shell) -> None:
    done = sandbox.run("trigger", "contact.created", "--set", "lead_score=1000000")
    assert (done.code, done.out) == (1, "")
    assert "lead_score" in done.err
