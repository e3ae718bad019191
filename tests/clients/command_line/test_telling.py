"""Commands say what they did, what they did not do, and what they do not know."""

import json
from pathlib import Path

from prospectconnect_client import VERSION
from tests.clients.command_line.shell import Shell
from tests.clients.unreliable import Network


def made(shell: Shell, number: int = 1) -> str:
    """The id of a new contact."""
    email = f"ada{number}@engine.example"
    found: str = shell.run("contacts", "create", "--email", email).json["id"]
    return found


def test_a_dry_run_of_a_deletion_does_not_say_that_it_is_done(shell: Shell) -> None:
    ada = made(shell)
    done = shell.run("contacts", "delete", ada, "--dry-run")
    assert "nothing was done: it would delete" in done.err
    assert "Done" not in done.err
    assert shell.run("contacts", "get", ada).code == 0
    assert "Done: delete" in shell.run("contacts", "delete", ada).err


def test_erasing_asks_and_needs_yes_where_nobody_answers(
    shell: Shell, network: Network
) -> None:
    erase = ("contacts", "erase", made(shell), "--reason", "Asked for it")
    before = len(network.seen)
    done = shell.run(*erase)
    assert (done.code, len(network.seen)) == (2, before)
    assert "cannot be undone" in done.err
    assert "--yes" in done.err
    assert shell.run(*erase, "--dry-run").code == 0
    assert shell.run(*erase, "--yes").code == 0


def test_a_limit_in_the_body_counts_and_the_option_wins(shell: Shell) -> None:
    for number in range(3):
        made(shell, number)
    search = ("contacts", "search", "--json", json.dumps({"limit": 2}))
    assert len(shell.run(*search).json) == 2
    assert len(shell.run(*search, "--limit", "1").json) == 1
    assert len(shell.run(*search, "--all").json) == 3


def test_an_unknown_column_is_told(shell: Shell) -> None:
    ada = made(shell)
    for command in (("search",), ("get", ada)):
        done = shell.run("contacts", *command, "--columns", "bogus,email")
        assert done.code == 0
        assert "no column bogus. One of: id, " in done.err
        good = shell.run("contacts", *command, "--columns", "custom_fields.x,email")
        assert good.err == ""


def test_the_version_is_told(shell: Shell) -> None:
    done = shell.run("--version")
    assert done.code == 0
    assert done.out.startswith("pcrm ")
    assert done.out.endswith(f"for the API of {VERSION}\n")


def test_an_import_requires_no_option(shell: Shell) -> None:
    told = " ".join(shell.run("import", "--help").out.split())
    assert ". Required. --" not in told


def test_fields_at_the_top_of_a_schema_file_are_shown_their_place(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "schema.yaml"
    file.write_text("fields: {seats: {type: integer, label: Seats}}\n")
    done = shell.run("schema", "diff", str(file))
    assert done.code == 2
    assert "fields stand inside of their object" in done.err
    assert "objects: {contacts: {fields:" in done.err
