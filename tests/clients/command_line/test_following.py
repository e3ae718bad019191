"""Changes are told as they happen, and become signed requests on one's own machine."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from subprocess import Popen
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from pcrm.listening import selects
from tests.clients.command_line.shell import Shell
from tests.world import Tenant

PATIENCE_SECONDS = 180


@pytest.fixture
def shell(shell: Shell, tenant: Tenant) -> Shell:
    """The owner without a network between, which passes nothing on before its end."""
    return shell.with_(PCRM_URL=f"http://{tenant.stack.http}")


@contextmanager
def running(shell: Shell, *arguments: str) -> "Iterator[Popen[str]]":
    """A command that is stopped at the end, by Ctrl-C."""
    process = shell.begin(*arguments)
    watch = threading.Timer(PATIENCE_SECONDS, process.kill)
    watch.start()
    try:
        with process:
            yield process
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            assert "Traceback" not in process.stderr.read()
        assert process.returncode == 130
    finally:
        process.kill()
        watch.cancel()


@pytest.fixture
def receiver() -> "Iterator[tuple[str, Queue[tuple[dict[str, str], bytes]]]]":
    """A program on this machine that takes requests: its address, and what came."""
    came: Queue[tuple[dict[str, str], bytes]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.put(
                ({name.lower(): told for name, told in self.headers.items()}, body)
            )
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def create(shell: Shell, number: int) -> str:
    """The id of a new contact."""
    email = f"p{number}@engine.example"
    told: dict[str, Any] = shell.run("contacts", "create", "--email", email).json
    return str(told["id"])


def test_changes_become_signed_webhooks(
    shell: Shell, receiver: "tuple[str, Queue[tuple[dict[str, str], bytes]]]"
) -> None:
    address, came = receiver
    wanted = ("--types", "contact.*")
    with running(shell, "listen", "--forward-to", address, *wanted) as process:
        assert process.stdout is not None
        secret = process.stdout.readline().strip()
        ids = [create(shell, number) for number in range(3)]
        shell.run("companies", "create", "--name", "Engines Ltd")
        shell.run("contacts", "update", ids[0], "--city", "Berlin")
        found = [came.get(timeout=PATIENCE_SECONDS) for _ in range(4)]
    judge = Webhook(secret)
    for headers, body in found:
        judge.verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            judge.verify(body + b" ", headers)
    told = [json.loads(body) for _, body in found]
    assert [each["type"] for each in told] == [
        *["contact.created"] * 3,
        "contact.updated",
    ]
    assert [each["data"]["record"]["id"] for each in told] == [*ids, ids[0]]
    assert told[-1]["data"]["state"]["city"] == "Berlin"
    assert [headers["webhook-id"] for headers, _ in found] == [
        each["data"]["id"] for each in told
    ]


def test_a_receiver_that_is_not_there_stops_nothing(shell: Shell) -> None:
    to = ("--forward-to", "http://127.0.0.1:9/hook", "--secret", "whsec_c2VjcmV0")
    with running(shell, "listen", *to) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "whsec_c2VjcmV0\n"
        create(shell, 1)
        lines = iter(process.stderr.readline, "")
        assert next(line for line in lines if "no answer" in line)


@pytest.mark.parametrize(
    "arguments",
    [("localhost:3000",), ("ftp://x",), ("http://x", "--secret", "whsec_%%%")],
)
def test_what_cannot_be_called_is_wrong_use(
    shell: Shell, arguments: tuple[str, ...]
) -> None:
    assert shell.run("listen", "--forward-to", *arguments).code == 2


def test_types_select_as_those_of_webhooks() -> None:
    assert selects([], "contact.created")
    assert selects(["contact.*"], "contact.created")
    assert selects(["*"], "deal.won")
    assert not selects(["contact.*", "deal.won"], "deal.lost")
    assert not selects(["contact"], "contact.created")


def test_the_feed_is_read_to_its_end_and_goes_on_at_its_cursor(
    shell: Shell, tmp_path: Path
) -> None:
    ids = [create(shell, number) for number in range(3)]
    kept = ("--cursor-file", str(tmp_path / "cursor"))
    read = ("changes", *kept, "--types", "contact.created", "--format", "jsonl")
    first = [json.loads(line) for line in shell.run(*read).out.splitlines()]
    assert [each["record"]["id"] for each in first] == ids
    assert shell.run(*read).out == ""
    later = create(shell, 4)
    (line,) = shell.run(*read).out.splitlines()
    assert json.loads(line)["record"]["id"] == later


def test_changes_are_followed(shell: Shell) -> None:
    earlier = create(shell, 1)
    follow = ("changes", "--follow", "--start", "earliest")
    with running(shell, *follow) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["record"]["id"] == earlier
        later = create(shell, 2)
        assert json.loads(process.stdout.readline())["record"]["id"] == later


def test_the_stream_is_watched(shell: Shell) -> None:
    earlier = create(shell, 1)
    with running(shell, "changes", "watch", "--start", "earliest") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["record"]["id"] == earlier


def test_a_stream_that_is_refused_is_a_problem(shell: Shell) -> None:
    assert shell.run("changes", "watch", "--start", "nonsense").code == 1
    assert shell.with_(PCRM_TOKEN="pcp_x").run("changes", "watch").code == 3
