"""At a terminal a command speaks to people: tables, bars, colours and questions."""

import os
import pty
import subprocess
from pathlib import Path

from tests.clients.command_line.shell import PROGRAM, Shell

_RED = "\x1b[31m"


def at_terminal(shell: Shell, *arguments: str, typed: str = "") -> tuple[int, str]:
    """Runs a command at a terminal; returns its exit code and what is to be seen."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [*PROGRAM, *arguments],
            env=shell.with_(TERM="xterm", COLUMNS="100").environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        os.write(ours, typed.encode())
        seen = b""
        try:
            while piece := os.read(ours, 4096):
                seen += piece
        except OSError:  # the terminal is closed when the program has ended
            pass
        return process.wait(60), seen.decode().replace("\r\n", "\n")
    finally:
        os.close(ours)


def test_records_are_a_table(shell: Shell) -> None:
    shell.run("contacts", "create", "--email", "ada@engine.example", "--city", "Bonn")
    code, seen = at_terminal(shell, "contacts", "search", "--columns", "email,city")
    assert (code, seen) == (0, "EMAIL               CITY\nada@engine.example  Bonn\n")


def test_errors_are_red_unless_no_colour_is_wanted(shell: Shell) -> None:
    code, seen = at_terminal(shell, "contacts", "get", "x")
    assert code == 1
    assert seen.startswith(f"{_RED}Error: ")
    _, plain = at_terminal(shell.with_(NO_COLOR="1"), "contacts", "get", "x")
    assert plain.startswith("Error: ")
    assert "\x1b" not in plain


def test_an_import_shows_how_far_it_is(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email\nada@engine.example\n")
    code, seen = at_terminal(shell, "import", "contacts", str(file))
    assert code == 0, seen
    assert "Sending" in seen
    assert "100%" in seen
    assert "created    1" in seen


def test_a_push_asks(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "schema.yaml"
    file.write_text("objects: {contacts: {open: false}}\n")
    push = ("schema", "push", str(file))
    code, seen = at_terminal(shell, *push, typed="n\n")
    assert "Do this? [y/N]" in seen
    assert "update object contacts" in seen
    assert code == 130
    assert "\x1b[33m~ update" in seen
    assert shell.run("objects", "get", "contacts").json["open"] is True
    code, _ = at_terminal(shell, *push, typed="y\n")
    assert code == 0
    assert shell.run("objects", "get", "contacts").json["open"] is False


def test_erasing_asks(shell: Shell) -> None:
    ada = shell.run("contacts", "create", "--email", "ada@engine.example").json["id"]
    erase = ("contacts", "erase", ada, "--reason", "Asked for it")
    code, seen = at_terminal(shell, *erase, typed="n\n")
    assert code == 130
    assert f"{ada}. This cannot be undone." in seen
    assert "Do this? [y/N]" in seen
    assert shell.run("contacts", "get", ada).code == 0
    assert at_terminal(shell, *erase, typed="y\n")[0] == 0
    assert shell.run("contacts", "get", ada).code == 1
