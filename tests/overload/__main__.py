"""What becomes of the product when more is asked of it than it can do.

`python -m tests.overload [curve | hog]` prints Markdown tables: how much is answered
well at multiples of what one process can do, and how long a quiet tenant waits beside
one that asks for all it can get.
"""

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle

from services.iam.tokens import issue_token
from tests.bench import operations as op
from tests.bench import programs
from tests.bench.load import load
from tests.bench.rows import Rows, loaded
from tests.overload.arrivals import Outcome, arrive, ask_endlessly
from tests.world import ALL_SCOPES, administer

TIMES = (0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0)
SECONDS = 5.0
CONNECTIONS = 2_000
ROUNDS = 3

QUIET_PER_SECOND = 200.0
HOGS = (16, 64, 256)  # connections, each of which asks again at once

_OPERATIONS = {"get": op.GET, "search": op.SEARCH, "create": op.KEYED}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="tests.overload", description=__doc__)
    parser.add_argument("what", choices=("curve", "hog"))
    parser.add_argument("--operation", choices=_OPERATIONS, default="search")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--times", type=float, nargs="+", default=TIMES)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    given = parser.parse_args()
    with loaded() as rows, _serving(rows) as address:
        if given.what == "curve":
            _curve(rows, address, _OPERATIONS[given.operation], given)
        else:
            _hogs(rows, address, given.seconds)


@contextmanager
def _serving(rows: Rows) -> Iterator[str]:
    process = programs.product(rows)
    try:
        yield process.http
    finally:
        process.stop()


def _curve(rows: Rows, address: str, operation: str, given: argparse.Namespace) -> None:
    """The goodput at each multiple of what a closed load gets."""
    next_exchange = op.exchanges(operation, address, rows)
    closed = load(address, next_exchange, lambda: None, given.seconds)
    capacity = closed.requests / closed.seconds
    print(f"{operation}: {capacity:,.0f} a second, asked by 16 that wait for answers\n")
    print(_CURVE_HEAD)
    peak = 0.0
    for times in given.times:
        found = arrive(
            address,
            lambda: next_exchange().request,
            times * capacity,
            given.seconds,
            given.connections,
        )
        peak = max(peak, found.good_per_second)
        print(_line(times, found, peak), flush=True)
        for what, number in found.failed.items():
            print(f"failed: {number:,} x {what}", file=sys.stderr, flush=True)


_CURVE_HEAD = """\
| times | due /s | good /s | of best | p50 | p99 ms | refused | late | failed | unsent |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


def _line(times: float, found: Outcome, peak: float) -> str:
    half, slowest = _percentiles(found.latencies)
    return (
        f"| {times:g} | {found.due / found.seconds:,.0f} | {found.good_per_second:,.0f}"
        f" | {found.good_per_second / peak:.2f} | {half:.1f} | {slowest:.1f}"
        f" | {found.refused:,} | {found.late:,} | {found.failed.total():,}"
        f" | {found.unsent:,} |"
    )


def _hogs(rows: Rows, address: str, seconds: float) -> None:
    """How long a quiet tenant waits, alone and beside each hog, in turns."""
    limited = _limited_token(rows)
    hogs: dict[str, tuple[int, bytes]] = {"alone": (0, b"")}
    for connections in HOGS:
        for what, request in (
            ("gets, within its limits", op.gets(rows)[0]),
            ("searches, within its limits", op.search(rows)),
            ("beyond its limits", _with_token(rows, op.search(rows), limited)),
        ):
            hogs[f"{what}, {connections} connections"] = connections, request
    found: dict[str, list[Outcome]] = {name: [] for name in hogs}
    for _ in range(ROUNDS):
        for name, (connections, request) in hogs.items():
            with _asking(address, request, connections, seconds + 2):
                found[name].append(_quiet(rows, address, seconds))
    print("| beside | p50 ms | p99 ms | times | answered |")
    print("|---|--:|--:|--:|--:|")
    alone = _median_p99(found["alone"])
    for name, outcomes in found.items():
        half = statistics.median(_percentiles(each.latencies)[0] for each in outcomes)
        slowest = _median_p99(outcomes)
        good = sum(len(each.latencies) for each in outcomes)
        due = sum(each.due for each in outcomes)
        print(
            f"| {name} | {half:.1f} | {slowest:.1f} | {slowest / alone:.1f}"
            f" | {good / due:.1%} |"
        )


def _quiet(rows: Rows, address: str, seconds: float) -> Outcome:
    """The quiet tenant asks for its contacts, one at a time and then pages of them."""
    token = rows.written.tokens["owner"]
    get = f"GET /v1/contacts/{rows.written_ids[0]} HTTP/1.1\r\n".encode()
    one = get + op.search(rows).partition(b"\r\n")[2].partition(b"\r\n\r\n")[0]
    requests = cycle(
        (
            _with_token(rows, _without_body(one), token),
            _with_token(rows, op.search(rows), token),
        )
    )
    return arrive(address, requests.__next__, QUIET_PER_SECOND, seconds, 50)


def _without_body(head: bytes) -> bytes:
    lines = head.split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"content-")]
    return b"\r\n".join([*kept, b"", b""])


def _with_token(rows: Rows, request: bytes, token: str) -> bytes:
    return request.replace(rows.read.tokens["owner"].encode(), token.encode())


def _limited_token(rows: Rows) -> str:
    """A token of the hog's with the usual limit."""
    tenant = rows.read
    return administer(
        rows.url,
        lambda database: issue_token(
            database, tenant.name, tenant.email("owner"), ALL_SCOPES
        ),
    )


@contextmanager
def _asking(
    address: str, request: bytes, connections: int, seconds: float
) -> Iterator[None]:
    """Has another process ask for the same over and over, on so many connections."""
    if not connections:
        yield
        return
    context = multiprocessing.get_context("spawn")
    hog = context.Process(
        target=ask_endlessly, args=(address, request, connections, seconds)
    )
    hog.start()
    time.sleep(1.0)  # it takes that to be at it
    try:
        yield
    finally:
        hog.terminate()
        hog.join()


def _median_p99(outcomes: Sequence[Outcome]) -> float:
    return statistics.median(_percentiles(each.latencies)[1] for each in outcomes)


def _percentiles(latencies: Sequence[float]) -> tuple[float, float]:
    """The latencies in milliseconds that 50 and 99 of 100 do not exceed."""
    if len(latencies) < 2:
        return float("nan"), float("nan")
    cut = statistics.quantiles(latencies, n=100)
    return cut[49] * 1e3, cut[98] * 1e3


if __name__ == "__main__":
    main()
