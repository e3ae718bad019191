"""Who takes their time is not waited for for ever, and keeps nobody else waiting."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import pytest

from tests import stacks
from tests.client import Client
from tests.harness.at_once import at_once
from tests.harness.database.row_lock import until
from tests.harness.programs import hasty_program
from tests.harness.programs.hasty_program import TIMES
from tests.harness.programs.worker_program import connections_of
from tests.harness.wire.raw_http import connected, read_answer, request
from tests.harness.wire.scrape import scrape
from tests.harness.wire.slow_links import (
    LARGE,
    LARGE_TIMES,
    Attack,
    LivesForEverError,
    allow_open_files,
    endure,
    head_that_grows,
    many,
    narrow,
    read_slowly,
    resident_bytes,
    status_of,
    trickle_body,
    trickle_head,
)
from tests.rounds import rounds
from tests.stacks import Process, Stack
from tests.world import new_tenant

HEALTHZ = request("GET /healthz HTTP/1.1", [("Host", "api.example")])
CHUNKS = ("Transfer-Encoding", "chunked")
SLOW_BYTES = 400_000  # a second, of a client that reads on

ROOM = 12  # for clients, in a small house
IDLE = rounds("IDLE_CLIENTS")
# A connection costs the process this much at most, once its request is answered.
CONNECTION_KIB = 24


@contextmanager
def served(
    database_url: str, folder: Path, *more: str, clock: str | None = hasty_program.OURS
) -> Iterator[Process]:
    """The product in one process, with little patience unless `clock` is None."""
    ports = ("--http-port", "0", "--grpc-port", "0", "--metrics-port", "0")
    place = ("--database-url", database_url, "--data-dir", str(folder))
    seconds = str(hasty_program.DEADLINE_SECONDS)
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **stacks.UNLIMITED}
    program: Sequence[str] = stacks.PROGRAM
    if clock is not None:
        program = hasty_program.program(clock)
        env["PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS"] = seconds
    arguments = ("serve", "--no-demo", *ports, *place, *more)
    process = stacks.start(*arguments, env=env, program=program)
    try:
        yield process
    finally:
        assert process.stop() == 0


@pytest.fixture(scope="module")
def hasty(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    with served(database_url, tmp_path_factory.mktemp("hasty")) as process:
        yield process


@contextmanager
def neighbour(process: Process, database_url: str) -> Iterator[Client]:
    """A client in no way slow, which calls as the owner of a tenant."""
    stack = Stack("together", process.http, process.grpc, database_url)
    with closing(new_tenant(stack).client()) as client:
        assert client.get("/me").status == 200
        yield client


@pytest.fixture
def beside(hasty: Process, database_url: str) -> Iterator[Client]:
    with neighbour(hasty, database_url) as client:
        yield client


def check_timeout(came: bytes) -> None:
    head, _, body = came.partition(b"\r\n\r\n")
    assert status_of(came) == 408
    assert b"\r\nconnection: close" in head.lower()
    assert json.loads(body)["type"].endswith("/request-timeout")


def test_a_head_that_trickles_is_a_408(hasty: Process, beside: Client) -> None:
    check_timeout(trickle_head(hasty.http, beside))


def test_so_is_the_second_one_of_a_connection(hasty: Process, beside: Client) -> None:
    """Also of one whose client has asked for what Sanic does not time."""
    sent = HEALTHZ[:-2] + b"Upgrade: websocket\r\n\r\n"
    with connected(hasty.http) as link:
        link.sendall(sent)
        answer = read_answer(link, "GET")
        assert answer is not None
        assert answer.status == 200
        check_timeout(endure(link, head_that_grows(), beside))


def test_who_says_nothing_is_told_nothing(hasty: Process, beside: Client) -> None:
    with connected(hasty.http) as link:
        assert endure(link, repeat(b""), beside) == b""


@pytest.mark.parametrize(
    ("length", "piece"),
    [
        (("Content-Length", "1000000"), b"a"),
        (CHUNKS, b"1\r\na\r\n"),
        (("Content-Length", "60000000"), b"a" * 65_536),
    ],
    ids=["trickled", "trickled chunks", "large"],
)
def test_a_body_that_nobody_wants_is_not_read_for_ever(
    hasty: Process, beside: Client, length: tuple[str, str], piece: bytes
) -> None:
    came = trickle_body(hasty.http, beside, None, length, piece)
    assert status_of(came) == 401


@pytest.mark.parametrize(
    ("length", "piece", "status"),
    [
        (("Content-Length", "1000000"), b"a", 408),
        (CHUNKS, b"1\r\na\r\n", 408),
        (CHUNKS, b"ffff\r\n" + b"a" * 0xFFFF + b"\r\n", 413),
        (CHUNKS, b"1;a=" + b"a" * 1_000, 400),
    ],
    ids=["trickled", "trickled chunks", "large chunks", "a chunk's endless extension"],
)
def test_a_body_that_never_ends_is_refused(
    hasty: Process,
    beside: Client,
    length: tuple[str, str],
    piece: bytes,
    status: int,
) -> None:
    came = trickle_body(hasty.http, beside, beside.token, length, piece)
    assert status_of(came) == status


def test_a_huge_head_is_refused(hasty: Process, beside: Client) -> None:
    line = b"X: " + b"a" * 65_536 + b"\r\n"
    with connected(hasty.http) as link:
        head = chain([b"GET / HTTP/1.1\r\nHost: a\r\n"], repeat(line))
        came = endure(link, head, beside)
    assert status_of(came) == 413


@pytest.mark.parametrize("taken", [0, 500], ids=["nothing", "a little"])
def test_answers_that_are_not_read_are_dropped(
    hasty: Process, beside: Client, taken: int
) -> None:
    read_slowly(hasty.http, beside, taken)


def test_who_reads_on_gets_all_answers(hasty: Process, beside: Client) -> None:
    """However slowly, and however much of them the kernel takes at a time."""
    started, came = time.monotonic(), bytearray()
    with closing(narrow(hasty.http, window=262_144)) as link:
        last = HEALTHZ[:-2] + b"Connection: close\r\n\r\n"
        link.sendall(LARGE * LARGE_TIMES + last)
        while (lasted := time.monotonic() - started) < 4 * TIMES.answer_part:
            if len(came) > SLOW_BYTES * lasted:
                assert beside.get("/me").status == 200
            else:
                came += link.recv(65_536)
        while part := link.recv(1 << 20):
            came += part
    assert came.count(b"HTTP/1.1 200 OK") == LARGE_TIMES + 1


def test_who_is_idle_may_stay_for_a_while(hasty: Process, beside: Client) -> None:
    with connected(hasty.http) as link:
        for _ in range(2):
            link.sendall(HEALTHZ)
            answer = read_answer(link, "GET")
            assert answer is not None
            assert answer.status == 200
            link.settimeout(3 * TIMES.head)
            with pytest.raises(TimeoutError):
                link.recv(1)
        assert endure(link, repeat(b""), beside) == b""


def test_in_a_crowd_who_is_idle_makes_room(database_url: str, tmp_path: Path) -> None:
    room = ("--max-clients", str(ROOM))
    with (
        served(database_url, tmp_path, *room) as process,
        neighbour(process, database_url) as beside,
        many(process.http, ROOM - 1, HEALTHZ),
    ):
        pid, refused = process.handle.pid, "prospectconnect_clients_refused_total"
        assert connections_of(pid, process.http) == ROOM
        with connected(process.http) as link, suppress(ConnectionError):
            link.sendall(HEALTHZ)
            assert link.recv(1) == b"", "there was no room for it"
        assert scrape(process.metrics).value(refused) == 1

        def is_roomy() -> bool:
            assert beside.get("/me").status == 200
            return connections_of(pid, process.http) <= 0.75 * ROOM

        until(is_roomy)
        with many(process.http, 2, HEALTHZ):
            assert beside.get("/me").status == 200


def test_thousands_of_idle_clients_cost_little(
    database_url: str, tmp_path: Path
) -> None:
    if not allow_open_files(IDLE + 1_000):
        pytest.skip(f"no process may have {IDLE:,} connections here")
    room = ("--max-clients", str(IDLE * 3 // 2))
    with (
        served(database_url, tmp_path, *room, clock=None) as process,
        neighbour(process, database_url) as beside,
    ):
        pid = process.handle.pid
        for _ in range(200):
            assert beside.get("/me").status == 200
        before = resident_bytes(pid)
        with many(process.http, IDLE, HEALTHZ):
            each = (resident_bytes(pid) - before) / IDLE / 1024
            print(f"{each:.1f} KiB for each of {IDLE:,} idle connections")
            assert connections_of(pid, process.http) == IDLE + 1
            for _ in range(200):
                assert beside.get("/me").status == 200
                assert beside.raw("GET", "/readyz", None, {}).status == 200
            assert each < CONNECTION_KIB
        until(lambda: connections_of(pid, process.http) == 1, seconds=30)
        assert beside.get("/me").status == 200


@pytest.mark.canary
def test_sanics_own_clock_would_be_found(database_url: str, tmp_path: Path) -> None:
    """Planted: it starts anew with each byte."""
    with served(database_url, tmp_path, clock=hasty_program.SANICS) as process:

        def outlive(attack: Attack) -> None:
            with (
                neighbour(process, database_url) as beside,
                pytest.raises(LivesForEverError),
            ):
                attack(process.http, beside)

        attacks = (trickle_head, trickle_body, partial(read_slowly, taken=0))
        at_once(outlive, list[Attack](attacks))
