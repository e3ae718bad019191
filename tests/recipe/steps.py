"""Reads `docs/adding-a-resource.md` and does what it says.

A block of code belongs to the file that is named in bold before it: it is the file, or,
where the file is there already, what is added to it. Commands are run.
"""

import re
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PAGE = "docs/adding-a-resource.md"

_PART = re.compile(
    r"\*\*`([^`]+)`\*\*|^ *```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE
)
_IMPORT = re.compile(r"^from ([\w.]+) import (.*)$", re.MULTILINE)
_MAPPING = re.compile(r"^(\w+) = \{\n(.*?)^\}$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """A block of the recipe: the file that it is about, its language and its text."""

    path: str
    language: str
    text: str

    @property
    def is_command(self) -> bool:
        return self.language == "sh"


def read_steps(page: str) -> Iterator[Step]:
    """The blocks of the page, in order."""
    path = ""
    for found in _PART.finditer(page):
        if found[1]:
            path = found[1]
        else:
            yield Step(path, found[2], textwrap.dedent(found[3]))


def follow(step: Step, tree: Path, environment: Mapping[str, str]) -> int:
    """Does a step in a tree; returns how many lines were written by hand."""
    file = tree / step.path
    if step.is_command:
        _run(step.text, tree, environment)
        return 0
    if not file.exists():
        file.write_text(step.text)
        return len(step.text.splitlines())
    before = file.read_text()
    after = _added(before, step.text)
    file.write_text(after)
    return len(set(after.splitlines()) - set(before.splitlines()))


def _run(commands: str, tree: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-euc", commands],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _added(file: str, text: str) -> str:
    """A Python file with the imports and the entries of mappings that a block shows."""
    for module, names in _IMPORT.findall(text):
        old = re.search(rf"^from {re.escape(module)} import (.*)$", file, re.MULTILINE)
        assert old, f"nothing is imported from {module}"
        imported = sorted({*old[1].split(", "), *names.split(", ")})
        file = file.replace(old[0], f"from {module} import {', '.join(imported)}")
    for name, entries in _MAPPING.findall(text):
        opened = re.search(rf"^{name}\b.*\{{\n", file, re.MULTILINE)
        assert opened, f"there is no {name}"
        file = file.replace(opened[0], opened[0] + entries)
    return file
