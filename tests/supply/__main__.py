"""Holds what the lock file pins against known advisories. Run it as `make advisories`.

It ends with 0 when every package was looked up and none has an advisory, with 1 when
one has, and with 3 when not all could be looked up: silence is no good news.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.supply.index import Answers, ask_all
from tests.supply.lock import Pin, read_lock
from tests.supply.osv import advisories_of

CLEAN, FOUND, NOT_CHECKED = 0, 1, 3
_SHOWN = 5


def main(arguments: Sequence[str]) -> int:
    """Looks every pin up, prints what there is, and returns the exit status."""
    parser = argparse.ArgumentParser(prog="make advisories")
    parser.add_argument("--lock", type=Path, default=Path("requirements.lock"))
    parser.add_argument("--index", default="https://pypi.org/pypi")
    parser.add_argument("--database", type=Path, help="a checkout, asked instead")
    given = parser.parse_args(arguments)
    pins = read_lock(given.lock)
    if given.database is not None:
        return report(_look_up(given.database, pins), str(given.database))
    return report(asyncio.run(ask_all(given.index, pins)), given.index)


def _look_up(folder: Path, pins: Sequence[Pin]) -> Answers:
    try:
        return {pin: advisories_of(folder, pin) for pin in pins}
    except OSError:
        return dict.fromkeys(pins)


def report(answers: Answers, source: str) -> int:
    """Says what was found; the exit status."""
    found = {pin: ids for pin, ids in answers.items() if ids}
    unknown = [str(pin) for pin, ids in answers.items() if ids is None]
    for pin, ids in found.items():
        print(f"{pin}: {', '.join(ids)}")
    if unknown:
        more = len(unknown) - _SHOWN
        shown = ", ".join(unknown[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        print(f"NOT CHECKED: {source} did not tell about {shown}.")
    print(f"{len(answers) - len(unknown)} of {len(answers)} looked up in {source}")
    if found:
        return FOUND
    return NOT_CHECKED if unknown else CLEAN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
