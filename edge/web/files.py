"""The files that pages need, in `static`, each named after its contents.

A name never means anything else, so browsers keep it for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from edge.web.addresses import FILES
from edge.web.stored import Stored, store

_HERE = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file; `name` has the hash of its contents in it."""

    name: str
    stored: Stored

    @property
    def path(self) -> str:
        """Where it is on the edge."""
        return f"{FILES}/{self.name}"


Files = Mapping[str, File]


def read_files() -> Files:
    """Reads the files, by what they are called here."""
    found = sorted(path for path in _HERE.iterdir() if path.suffix in _TYPES)
    return {path.name: _file(path) for path in found}


def _file(path: Path) -> File:
    content = path.read_bytes()
    named = f"{path.stem}-{sha256(content).hexdigest()[:16]}{path.suffix}"
    return File(named, store(content, _TYPES[path.suffix]))
