"""Hostile requests by the hundred: never a fault of ours, nothing of the inside.

`FUZZ_CASES` and `FUZZ_SEED` shoot more, or others; a fault names its case, which
`python -m tests.fuzz --seed 1 --number 17` shows. What once failed is kept as it was
sent, in `regressions`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.http_cases import http_case, is_whole
from tests.fuzz.running import Range, judged, opened, shoot_grpc, shoot_http
from tests.harness.programs.faulty_program import program
from tests.harness.wire.raw_http import exchange, swallow
from tests.rounds import rounds

CASES = rounds("FUZZ_CASES")
SEED = int(os.environ.get("FUZZ_SEED", "1"))
REGRESSIONS = sorted((Path(__file__).parent / "regressions").glob("*.http"))
# Files that a server may still hold for connections that are just ending.
LEEWAY = 16
SILENCE_SECONDS = 0.05


@pytest.fixture(scope="module")
def place(database_url: str) -> Iterator[Range]:
    with opened(database_url) as place:
        yield place


def test_no_request_is_too_hostile(place: Range) -> None:
    before = place.held()
    result = shoot_http(place, SEED, range(CASES))
    assert not result.faults
    assert result.answers.total() == CASES
    assert {"200", "201", "400", "401", "403", "404", "422"} <= result.answers.keys()
    assert place.is_well()
    assert place.held()["files"] <= before["files"] + LEEWAY


def test_no_call_is_too_hostile(place: Range) -> None:
    result = shoot_grpc(place, SEED, range(CASES))
    assert not result.faults
    assert {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "UNAUTHENTICATED"} <= (
        result.answers.keys()
    )
    assert place.is_well()


@pytest.mark.parametrize("file", REGRESSIONS, ids=lambda file: file.stem)
def test_what_once_failed_does_not_again(place: Range, file: Path) -> None:
    token = place.tenant.tokens["owner"].encode()
    sent = file.read_bytes().replace(b"{token}", token)
    answer = exchange(place.process.http, sent, ends=not is_whole(sent))
    assert judged(sent, answer)[1] == ""


def test_bytes_that_are_no_call_harm_nobody(place: Range) -> None:
    """HTTP/2 by hand, and what is not even that, at the door of gRPC."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    random = Random(SEED)
    for number in range(CASES // 5):
        frames = b"".join(
            len(body).to_bytes(3, "big")
            + bytes((random.randrange(12), random.randrange(256)))
            + random.choice((0, 1, 3, 2**31)).to_bytes(4, "big")
            + body
            for body in (random.randbytes(random.randrange(64)) for _ in range(5))
        )
        sent = frames if number % 4 == 0 else preface + frames
        swallow(place.process.grpc, sent, SILENCE_SECONDS)
    assert place.is_well()
    assert not shoot_grpc(place, SEED, range(20)).faults


def test_a_case_is_its_seed_and_its_number(place: Range) -> None:
    drawn = [[http_case(Random(f"{SEED}:http:{n}"), place.target) for n in range(50)]]
    drawn += [[http_case(Random(f"{SEED}:http:{n}"), place.target) for n in range(50)]]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 50


@pytest.mark.canary
@pytest.mark.parametrize("fault", ["trace_believed", "inside_told"])
def test_a_fault_would_be_seen(database_url: str, fault: str) -> None:
    """A header that is read without care, and an error that names its maker."""
    with opened(database_url, program(fault)) as place:
        result = shoot_http(place, SEED, range(CASES))
    assert result.faults
