"""Exit codes, and errors that say what happened and what to try."""

import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.clients.command_line.shell import Shell
from tests.clients.unreliable import Network, Said


def test_done_is_0(shell: Shell) -> None:
    done = shell.program("me", "get")
    assert done.code == 0
    assert done.json["role"] == "owner"
    assert done.err == ""


def test_a_problem_is_1_and_tells_its_fields_and_trace(shell: Shell) -> None:
    done = shell.program(
        "contacts", "create", "--email", "nope", "--lead-score", "1000"
    )
    assert (done.code, done.out) == (1, "")
    assert "(422)" in done.err
    assert "email: " in done.err
    assert "lead_score: " in done.err
    assert "trace id: " in done.err
    assert "Try: pcrm contacts create --help" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("contacts", "serach"),
        ("contacts", "search", "--nope"),
        ("contacts", "search", "--limit", "0"),
        ("contacts", "search", "--filter", "city = New York"),
        ("contacts", "create", "--lead-score", "many"),
        ("contacts", "create", "--json", "{"),
        ("contacts", "create", "--json", "@/no/such/file"),
        ("contacts", "create", "--json", "[]"),
        ("contacts", "create", "--json", '{"lead_score": NaN}'),
        ("contacts", "create", "--json", "[" * 100_000),
        ("contacts", "create", "--set", "custom_fields"),
        ("contacts", "create", "--set", "email=2", "--set", "email.x=1"),
        ("contacts", "create", "--set", "custom_fields.a:=nope"),
        ("contacts", "get", ".."),
        ("contacts", "get", ""),
        ("contacts", "get"),
        ("fields", "create", "--key", "a"),
        ("--url", "me"),
        ("me", "get", "--url", "ftp://x"),
    ],
)
def test_wrong_use_is_2_and_nothing_is_sent(
    shell: Shell, network: Network, arguments: tuple[str, ...]
) -> None:
    done = shell.run(*arguments)
    assert (done.code, done.out, network.seen) == (2, "", []), done.err
    assert "Error: " in done.err
    assert "Traceback" not in done.err


def test_an_unknown_command_is_answered_with_those_near(shell: Shell) -> None:
    assert "Did you mean search?" in shell.run("contacts", "serach").err
    assert "contacts" in shell.run("contact", "search").err


def test_nobody_logged_in_is_3(shell: Shell, network: Network) -> None:
    done = shell.with_(PCRM_TOKEN="").run("me", "get")
    assert (done.code, network.seen) == (3, [])
    assert "Try: pcrm login" in done.err
    assert shell.with_(PCRM_TOKEN="pcp_unknown").run("me", "get").code == 3
    assert shell.with_(PCRM_TOKEN="a b").run("me", "get").code == 3


def test_an_api_that_is_not_there_is_4(shell: Shell) -> None:
    done = shell.with_(PCRM_URL="http://127.0.0.1:9").run("me", "delete")
    assert done.code == 2, "there is no such command"
    done = shell.with_(PCRM_URL="http://127.0.0.1:9").run("tokens", "get", "x")
    assert done.code == 4
    assert "127.0.0.1:9" in done.err


def test_a_proxy_is_asked(shell: Shell, network: Network) -> None:
    network.faults += [Said(200, {}, b"{}")]
    behind = shell.with_(
        HTTP_PROXY=network.address,
        http_proxy=network.address,
        NO_PROXY="",
        PCRM_URL="http://localhost:9",
    )
    assert behind.run("me", "get").code == 0
    assert network.seen[0].path == "http://localhost:9/v1/me"


def test_an_answer_of_another_server_is_a_problem(
    shell: Shell, network: Network
) -> None:
    network.faults += [Said(501, {}, b"<h1>\x1b[31mno</h1>")]
    done = shell.run("me", "get")
    assert done.code == 1
    assert "(501)" in done.err


def test_a_reader_that_has_enough_is_no_error_to_look_at(shell: Shell) -> None:
    process = shell.begin("help")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process:
        assert process.stderr.read() == ""


def test_help_starts_fast(shell: Shell) -> None:
    """In processor time, of which a busy machine gives less for its second."""
    shell.program("--help")  # compiles the modules

    def spent() -> float:
        told = resource.getrusage(resource.RUSAGE_CHILDREN)
        return told.ru_utime + told.ru_stime

    def taken(run: Callable[[], object]) -> float:
        times = []
        for _ in range(5):
            before = spent()
            run()
            times.append(spent() - before)
        return min(times)

    def load_http() -> None:
        subprocess.run([sys.executable, "-c", "import http.client, ssl"], check=True)

    helped = taken(lambda: shell.program("--help"))
    assert helped < max(0.150, 2.5 * taken(load_http))
