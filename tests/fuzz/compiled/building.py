"""Builds the compiled code with the address sanitizer and that of undefined behaviour.

Python itself is not built so. It starts with the libraries of the sanitizers, and takes
its memory from them, so that a byte beyond any block is seen.
"""

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]
# The name of each module in a folder of its own, and its source.
SOURCES: Mapping[str, str] = {
    "_cells": "services/exports/cells.c",
    "_rows": "services/records/rows.c",
    "_encode": "edge/transcoder/encode.c",
}
_FLAGS = (
    *("-shared", "-fPIC", "-O1", "-g", "-Wall", "-Wno-unused-function"),
    *("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    "-fno-omit-frame-pointer",
)
_LIBRARIES = ("libasan.so", "libubsan.so")


def is_possible() -> bool:
    """Whether there is a compiler with both sanitizers."""
    return shutil.which("gcc") is not None and all(map(os.path.isabs, _preloaded()))


def build(folder: Path, root: Path = ROOT) -> None:
    """Builds all modules into a folder. `root`: where the sources are."""
    include = sysconfig.get_path("include")
    running = [
        subprocess.Popen(
            ["gcc", *_FLAGS, f"-I{include}", root / source, "-o", folder / f"{name}.so"]
        )
        for name, source in SOURCES.items()
    ]
    assert [each.wait() for each in running] == [0] * len(running)


def environment() -> dict[str, str]:
    """What a process starts with that loads the modules."""
    return {
        **os.environ,
        "LD_PRELOAD": " ".join(_preloaded()),
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


def _preloaded() -> list[str]:
    asked = (["gcc", f"-print-file-name={each}"] for each in _LIBRARIES)
    return [subprocess.check_output(each, text=True).strip() for each in asked]
