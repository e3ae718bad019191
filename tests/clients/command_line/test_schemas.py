"""A schema is a file: what it says is planned, done, and then nothing is left to do."""

import json
from pathlib import Path

import pytest
import yaml

from tests.clients.command_line.shell import Shell
from tests.clients.unreliable import Network, Said

FILE = """
objects:
  machines:
    singular_label: Machine
    plural_label: Machines
    fields:
      serial: {type: text, label: Serial number, unique: true, max_length: 40}
      price: {type: decimal, label: Price, min: 0, max: 99999.5, decimals: 2}
      bought: {type: date, label: Bought, default_value: 2026-01-31}
      double: {type: formula, label: Double, expression: custom_fields.price * 2.0}
  contacts:
    open: false
    fields:
      plan:
        type: select
        label: Plan
        options:
          - {value: gold, label: Gold, color: "#ffcc00"}
          - {value: "no", label: None}
association_types:
  machine_owners:
    {from_object: machines, to_object: contacts, label: Owners, inverse_label: Machines}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with each kind of part."""
    path = tmp_path / "schema.yaml"
    path.write_text(FILE)
    return path


def push(shell: Shell, file: Path, *options: str) -> str:
    """Pushes a file; returns the plan."""
    done = shell.run("schema", "push", str(file), "--yes", *options)
    assert done.code == 0, done.err
    return done.out


NOTHING = "Nothing to do: the tenant is like the file.\n"


def test_what_is_pushed_is_there_and_a_second_push_does_nothing(
    shell: Shell, file: Path, network: Network, tmp_path: Path
) -> None:
    assert shell.run("schema", "diff", str(file)).code == 1
    plan = push(shell, file)
    assert "+ create object machines" in plan
    assert "+ create field machines.double" in plan
    assert "~ update object contacts\n    open: true -> false" in plan
    assert "7 to create, 1 to change, 0 to delete" in plan
    network.seen.clear()
    assert push(shell, file) == NOTHING
    assert {each.path.rpartition("/")[2] for each in network.seen} == {"search"}
    assert shell.run("schema", "diff", str(file)).code == 0

    pulled = tmp_path / "pulled.yaml"
    assert shell.run("schema", "pull", str(pulled)).code == 0
    assert push(shell, pulled) == NOTHING
    told = yaml.safe_load(pulled.read_text())["objects"]
    assert told["machines"]["fields"]["price"]["max"] == 99999.5
    assert told["contacts"]["fields"]["plan"]["options"][1]["value"] == "no"
    again = shell.run("schema", "pull").out
    assert again == pulled.read_text(), "the same schema is the same text"


def test_a_changed_type_takes_the_values_along(shell: Shell, file: Path) -> None:
    push(shell, file)
    made = shell.run(
        *("custom-records", "create", "machines", "--set", 'custom_fields.serial:="7"'),
        *("--name", "Engine"),
    ).json
    file.write_text(
        FILE.replace(
            "type: text, label: Serial number, unique: true, max_length: 40",
            "type: integer, label: Number, unique: true",
        )
    )
    done = shell.run("schema", "push", str(file), "--yes")
    assert done.code == 0, done.err
    assert '    type: "text" -> "integer"' in done.out
    found = shell.run("custom-records", "get", "machines", made["id"]).json
    assert found["custom_fields"]["serial"] == 7
    assert push(shell, file) == NOTHING


def test_nothing_is_deleted_unless_that_is_allowed(shell: Shell, file: Path) -> None:
    push(shell, file)
    file.write_text("objects: {contacts: {open: false}}\n")
    kept = shell.run("schema", "push", str(file), "--yes")
    assert kept.out == NOTHING
    assert "Stays: object machines" in kept.err
    plan = push(shell, file, "--allow-delete")
    assert "- delete object machines" in plan
    assert "- delete field contacts.plan" in plan
    assert push(shell, file, "--allow-delete") == NOTHING
    assert shell.run("objects", "get", "contacts").json["open"] is False


def test_nobody_to_ask_and_no_yes_change_nothing(shell: Shell, file: Path) -> None:
    done = shell.run("schema", "push", str(file))
    assert done.code == 2
    assert "--yes" in done.err
    assert "create object machines" in done.out, "the plan is shown"
    assert shell.run("schema", "diff", str(file)).code == 1


def test_a_push_that_broke_off_goes_on(
    shell: Shell, file: Path, network: Network
) -> None:
    searches: list[Said | str | None] = [None] * 3
    network.faults.extend([*searches, None, None, Said(501, {}, b"")])
    broken = shell.run("schema", "push", str(file), "--yes")
    assert broken.code == 1
    assert "2 of 8 steps are done. This one failed:" in broken.err
    assert "6 to create" in push(shell, file) or "5 to create" in push(shell, file)
    assert push(shell, file) == NOTHING


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "not YAML"),
        ("- a", "not a mapping"),
        ("object: {}", "has no object"),
        ("objects: {machines: {}}", "lacks singular_label"),
        ("objects: {contacts: {fields: {a: {label: A}}}}", "lacks type"),
        ("objects: {contacts: {fields: {a: {typ: text}}}}", "has no typ"),
        ("objects: {contacts: {plural_label: People}}", "has no plural_label"),
        ("objects: {contacts: {fields: [a]}}", "not a mapping"),
        ("a: &a [*a]", "has an alias"),
        ("!!python/object/apply:os.system [x]", "not YAML"),
        ("[" * 5_000, "not YAML"),
    ],
)
def test_a_file_that_makes_no_sense_is_wrong_use(
    shell: Shell, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "schema.yaml"
    file.write_text(text)
    done = shell.run("schema", "push", str(file), "--yes", "--allow-delete")
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_refused_step_tells_why(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "schema.yaml"
    field = {"type": "text", "label": "A", "max_length": 0}
    file.write_text(json.dumps({"objects": {"contacts": {"fields": {"a": field}}}}))
    done = shell.run("schema", "push", str(file), "--yes")
    assert done.code == 1
    assert "max_length: " in done.err
    assert "0 of 1 steps are done" in done.err
