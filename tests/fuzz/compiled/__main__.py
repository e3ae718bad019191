"""Gives hostile bytes to the compiled code.

Inside a process that the sanitizers watch it loads their modules in place of others.
Each case is drawn by the seed and its number, which is kept in a file: a process that
has been stopped cannot say any more which case it was.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.compiled import building

NUMBER = "number"
_PLACES = {
    "_cells": "services.exports._cells",
    "_rows": "services.records._rows",
    "_encode": "edge.transcoder._encode",
}


def shoot(folder: Path, seed: int, numbers: range) -> str:
    """Runs cases in a process of its own. Returns what it says of a fault, "" if none.

    `folder` has the modules.
    """
    given = [str(each) for each in (seed, numbers.start, numbers.stop)]
    module = "tests.fuzz.compiled"
    command = [sys.executable, "-m", module, "--inside", str(folder), *given]
    done = subprocess.run(
        command,
        check=False,
        env=building.environment(),
        cwd=building.ROOT,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode == 0:
        return ""
    last = folder / NUMBER
    at = last.read_text() if last.exists() else "none"
    return f"seed {seed}, case {at}:\n{done.stderr[-6_000:]}"


def load(folder: Path) -> None:
    """Loads the modules of a folder in place of those that are installed."""
    for name, place in _PLACES.items():
        path = str(folder / f"{name}.so")
        loader = ExtensionFileLoader(name, path)
        spec = spec_from_file_location(name, path, loader=loader)
        assert spec is not None
        sys.modules[place] = module_from_spec(spec)
        loader.exec_module(sys.modules[place])


def run(folder: Path, seed: int, numbers: range) -> None:
    """Runs cases here. A fault of a sanitizer ends the process."""
    load(folder)
    from tests.fuzz.compiled.targets import TARGETS  # noqa: PLC0415 - with these modules

    file = os.open(folder / NUMBER, os.O_RDWR | os.O_CREAT)
    for number in numbers:
        os.pwrite(file, b"%-12d" % number, 0)
        dice = Random(f"{seed} {number}")
        TARGETS[number % len(TARGETS)](dice)
    os.close(file)


def main() -> None:
    if sys.argv[1:2] == ["--inside"]:
        folder, seed, first, last = sys.argv[2:]
        run(Path(folder), int(seed), range(int(first), int(last)))
        return
    read = argparse.ArgumentParser(prog="python -m tests.fuzz.compiled")
    read.add_argument("--seed", type=int, default=1)
    read.add_argument("--cases", type=int, default=200_000)
    read.add_argument("--number", type=int, help="this case alone")
    asked: Any = read.parse_args()
    numbers = range(asked.cases)
    if asked.number is not None:
        numbers = range(asked.number, asked.number + 1)
    with tempfile.TemporaryDirectory() as name:
        building.build(Path(name))
        fault = shoot(Path(name), asked.seed, numbers)
    sys.exit(fault or None)


if __name__ == "__main__":
    main()
