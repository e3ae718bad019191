"""Fuzzes a server with as many cases as wanted: `python -m tests.fuzz --cases 10000`.

So many go over HTTP and so many over gRPC. `--number 17` with the seed shows one case.
"""

import argparse
import asyncio
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from deploy.embedded import postgres
from services.postgres.schema import migrate
from tests.fuzz.http_cases import http_case
from tests.fuzz.running import Range, opened, shoot_grpc, shoot_http


def main() -> int:
    """Shoots, prints what came of it, and returns 1 for a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, help="show this request alone")
    given = parser.parse_args()
    with (
        TemporaryDirectory(prefix="pc-") as folder,
        postgres.running(Path(folder) / "data", print) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        with opened(url) as place:
            if given.number is not None:
                random = Random(f"{given.seed}:http:{given.number}")
                print(http_case(random, place.target))
                return 0
            return _shoot(place, given.seed, given.cases)


def _shoot(place: Range, seed: int, cases: int) -> int:
    warm = range(min(500, cases))
    shoot_http(place, seed + 1, warm)
    shoot_grpc(place, seed + 1, warm)
    before = place.held()
    results = [shoot(place, seed, range(cases)) for shoot in (shoot_http, shoot_grpc)]
    for kind, result in zip(("http", "grpc"), results, strict=True):
        print(f"{kind}, seed {seed}: {result.answers.total()} cases")
        print("  " + ", ".join(f"{n} {a}" for a, n in result.answers.most_common()))
        for fault in result.faults:
            print(f"  {fault}")
    well = place.is_well()
    print(f"before {before}, after {place.held()}, well: {well}")
    return int(not well or any(result.faults for result in results))


if __name__ == "__main__":
    sys.exit(main())
