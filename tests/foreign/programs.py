"""Node and Chromium, which some tests need and not every machine has."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.harness.programs.system import program_path
from tests.rounds import rounds

HERE = Path(__file__).parent

# In how many views a script looks at its pages: browser/looks.mjs
VIEWS = rounds("BROWSER_VIEWS")

_PATIENCE_SECONDS = 300.0


def missing() -> str:
    """Why tests with Node cannot run where Node is; empty when they can."""
    if not (HERE / "node_modules").is_dir():
        return "The clients for Node are not installed: make node"
    return ""


def chromium() -> str | None:
    """Where Chromium is."""
    return program_path("chromium")


def run_node(
    script: str, told: dict[str, Any], answer: Callable[[str], str] | None = None
) -> Any:
    """Runs a script, with what it is told, and returns what it says in the end.

    Each line that the script writes is JSON. `{"open": URL}` asks for a person, whom
    `answer` is; the address that they are sent to in the end is written back. `{"done":
    ...}` is the end.
    """
    process = subprocess.Popen(
        ["node", script, json.dumps(told)],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            said = json.loads(line)
            if "done" in said:
                process.wait(_PATIENCE_SECONDS)
                return said["done"]
            assert answer is not None
            process.stdin.write(answer(said["open"]) + "\n")
            process.stdin.flush()
        raise AssertionError(process.stderr.read())
