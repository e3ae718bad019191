"""Programs of the system that tests need besides Python.

A test finds the programs that every machine has, and those in its marks. A test that
starts another program without a mark fails on every machine, even if that exists.
"""

import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

_CI = Path(__file__).parents[3] / ".ci"

# The programs that the README requires, and those of every system.
GIVEN = tuple((_CI / "given").read_text().split())

# The package of each program that tests need; `.ci/run` installs them.
PACKAGES = dict(line.split() for line in (_CI / "programs").read_text().splitlines())

# Markers that stand for several programs.
_GROUPS = {"node": ("node", "npm"), "browser": ("node", "npm", "chromium")}


def program_path(name: str) -> str | None:
    """The path of a program that the running test may start."""
    return shutil.which(name)


def named_by(item: pytest.Item) -> tuple[str, ...]:
    """The programs that a test's marks name. Raises KeyError for an unlisted one."""
    names = [name for mark in item.iter_markers("needs_program") for name in mark.args]
    for group, programs in _GROUPS.items():
        if item.get_closest_marker(group):
            names += programs
    for name in names:
        if name not in GIVEN and name not in PACKAGES:
            raise KeyError(f"{name} is in neither .ci/programs nor .ci/given")
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Programs:
    """Folders of links: one for the programs of every machine, one for each other."""

    folder: Path

    @classmethod
    def below(cls, folder: Path, path: str) -> "Programs":
        """Makes the folders from the programs on a path."""
        made = cls(folder)
        for name in GIVEN:
            made._link(name, "given", path)
        for name in PACKAGES:
            made._link(name, name, path)
        # The Python of the tests, even if another one is first on the path.
        (folder / "given" / "python3").symlink_to(Path(sys.executable).resolve())
        return made

    def missing(self, names: Iterable[str]) -> list[str]:
        """The programs that are missing on this machine."""
        path = self.only(PACKAGES)
        return [name for name in names if shutil.which(name, path=path) is None]

    def only(self, names: Iterable[str]) -> str:
        """A PATH with these programs and those of every machine."""
        return ":".join(str(self.folder / each) for each in ("given", *names))

    def _link(self, name: str, place: str, path: str) -> None:
        (self.folder / place).mkdir(exist_ok=True)
        if found := shutil.which(name, path=path):
            (self.folder / place / name).symlink_to(found)
