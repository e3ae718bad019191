"""What the tests of the recipe share: a copy of this tree in which it was followed."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.conftest import pytest_runtest_setup  # noqa: F401 - for `node`
from tests.recipe.steps import PAGE, follow, read_steps

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Tree:
    """A copy of this tree; `by_hand` are the lines that were written, by file."""

    root: Path
    environment: Mapping[str, str]
    by_hand: Mapping[str, int]

    def run(self, *command: str | Path) -> str:
        """Runs a command in the tree and returns what it prints."""
        done = subprocess.run(
            command,
            cwd=self.root,
            # A test finds the programs that it names, not those of the first one.
            env={**self.environment, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def gadgets(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """The tree with gadgets, made by the page about it alone."""
    root = tmp_path_factory.mktemp("recipe") / "tree"
    kept_out = [each.rstrip("/") for each in (ROOT / ".gitignore").read_text().split()]
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".git", *kept_out))
    (root / ".venv").symlink_to(sys.prefix)
    # Neither what is meant for these tests, nor for the `make` that runs them.
    of_others = re.compile("PYTEST|^MAKE")
    environment = {
        **{name: v for name, v in os.environ.items() if not of_others.search(name)},
        "PYTHONPATH": f"{root}{os.pathsep}{root / 'gen'}",
        # The environment is as good for the copy, whatever is newer than it.
        "GNUMAKEFLAGS": "--assume-old=.venv/.ready",
    }
    by_hand: dict[str, int] = {}
    for step in read_steps((root / PAGE).read_text()):
        lines = follow(step, root, environment)
        by_hand |= {step.path: lines} if lines else {}
    return Tree(root, environment, by_hand)
