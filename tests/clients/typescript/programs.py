"""Runs programs of tests in Node."""

from pathlib import Path
from typing import Any

from tests.clients.programs import Account
from tests.foreign.programs import run_node

# How Python's names of retries are written in TypeScript.
_NAMES = {"first_pause": "firstPause", "longest_pause": "longestPause"}


def run_program(account: Account, program: str, **values: Any) -> Any:
    """Runs the body of a function and returns what it returns; see `scene.mjs`.

    Args:
        values: What the program finds in `told`.
    """
    retries = {_NAMES.get(name, name): to for name, to in account.retries.items()}
    settings = {
        "token": account.token,
        "address": account.address,
        "retries": retries,
    }
    told = {"settings": settings, "program": program, "values": values}
    return run_node(str(Path(__file__).parent / "scene.mjs"), told)
