"""Folders that all processes of a run share; the first that needs one makes it."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

# The environment variable with the folder of a run; `tests/conftest.py` sets it.
PLACE = "TESTS_SHARED_FOLDER"


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder of the run, filled by `make`. It must not be changed afterwards.

    An incomplete folder is made again.
    """
    place = Path(os.environ[PLACE])
    whole, unfinished = place / name, place / f"{name}.unfinished"
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(whole)
    return whole
