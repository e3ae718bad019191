"""Logs that find no room are lost, counted and told; nobody waits or fails for them."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import pytest

from deploy.observing.log_stream import LogStream
from tests import stacks
from tests.client import Client
from tests.end_to_end.http.problem_checks import check_problem

LINE = json.dumps({"event": "x", "text": "ä" * 90}, ensure_ascii=False) + "\n"
LONG = json.dumps({"event": "x", "text": "y" * 10_000}) + "\n"
MANY = 3_000  # of either are more than a pipe holds
FULL_PIPE = 600  # requests whose lines are more than that


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The ends to read and to write."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def drained(end: int) -> str:
    os.set_blocking(end, False)
    found = b""
    try:
        while chunk := os.read(end, 65_536):
            found += chunk
    except BlockingIOError:
        return found.decode()
    return found.decode()


@pytest.mark.parametrize("line", [LINE, LONG], ids=["short", "long"])
def test_a_reader_that_stands_still_holds_nobody_up(
    line: str, pipe: tuple[int, int]
) -> None:
    reader, writer = pipe
    stream = LogStream(writer)
    for _ in range(MANY):
        stream.write(line)
    *whole, torn = drained(reader).split("\n")
    assert {each + "\n" for each in whole} == {line}
    assert line.startswith(torn)
    stream.write(LINE)
    told, last = drained(reader).splitlines()[-2:]
    event = json.loads(told)
    assert (event["event"], event["lines"]) == ("log_lines_lost", MANY - len(whole))
    assert last + "\n" == LINE


def test_a_reader_that_has_gone_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    assert LogStream(writer).write(LINE) == len(LINE)
    os.close(writer)


def test_what_is_written_in_pieces_stays_one_line(pipe: tuple[int, int]) -> None:
    """As `print` does, and what draws on a terminal."""
    reader, writer = pipe
    print("one", "line", file=LogStream(writer))
    assert drained(reader) == "one line\n"


@pytest.fixture(params=["full", "stands still", "has gone"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[IO[Any]]:
    """A log that takes nothing, or soon nothing any more."""
    if request.param == "full":
        with open("/dev/full", "w") as full:
            yield full
        return
    reader, writer = os.pipe()
    if request.param == "has gone":
        os.close(reader)
    with os.fdopen(writer, "w") as log:
        yield log
    if request.param == "stands still":
        os.close(reader)


def test_requests_are_answered_though_none_can_be_logged(
    nowhere: IO[Any], database_url: str, tmp_path: Path
) -> None:
    ports = ("--http-port", "0", "--grpc-port", "0", "--no-demo")
    place = ("--database-url", database_url, "--data-dir", str(tmp_path))
    process = stacks.start("serve", *ports, *place, env=stacks.UNLIMITED, log=nowhere)
    try:
        with closing(Client(process.http, token="none")) as client:
            for _ in range(FULL_PIPE):
                check_problem(client.get("/me"), 401, "unauthorized", "/v1/me")
    finally:
        assert process.stop() == 0
