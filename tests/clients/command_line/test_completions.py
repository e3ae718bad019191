"""Shells complete commands, options, fields and values."""

import subprocess

import pytest

from tests.clients.command_line.shell import Shell


def completed(shell: Shell, *words: str) -> set[str]:
    """What bash is offered after some words."""
    told = shell.with_(
        _PCRM_COMPLETE="bash_complete",
        COMP_WORDS=" ".join(("pcrm", *words)),
        COMP_CWORD=str(len(words)),
    ).program()
    return {line.partition(",")[2] for line in told.out.splitlines()}


def test_everything_is_completed(shell: Shell) -> None:
    assert completed(shell, "contac") == {"contacts"}
    assert {"search", "create"} <= completed(shell, "contacts", "''")
    assert "--lead-score" in completed(shell, "contacts", "create", "--le")
    stage = ("contacts", "create", "--lifecycle-stage", "cust")
    assert completed(shell, *stage) == {"customer"}
    assert "city" in completed(shell, "contacts", "search", "--filter", "ci")


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_shell_has_its_completions(shell: Shell, name: str) -> None:
    done = shell.run("completion", name)
    assert done.code == 0
    assert f"{name}_complete" in done.out


def test_bash_takes_them(shell: Shell) -> None:
    source = shell.run("completion", "bash").out
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{source}\ncomplete -p pcrm"],
        env=shell.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "_pcrm_completion" in done.stdout, done.stderr
