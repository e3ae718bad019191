"""What the lock file pins: every package that is installed, by its normal name."""

import re
from dataclasses import dataclass
from pathlib import Path

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Pin:
    """A package at its one version."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def read_lock(path: Path) -> list[Pin]:
    """The pins of a lock file. Raises ValueError for one that pins nothing."""
    found = {Pin(normal(n), v) for n, v in _PIN.findall(path.read_text())}
    if not found:
        raise ValueError(f"{path} pins nothing.")
    return sorted(found)


def normal(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
