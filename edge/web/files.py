"""The files that pages need: stylesheets and an icon, named after their contents.

A name never means anything else, so browsers keep it for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from edge.web.addresses import FILES

_HERE = Path(__file__).parent / "static"
_TYPES = {
    "style.css": "text/css; charset=utf-8",
    "account.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file; `name` has the hash of its contents in it."""

    name: str
    media_type: str
    content: bytes

    @property
    def path(self) -> str:
        """Where it is on the edge."""
        return f"{FILES}/{self.name}"


Files = Mapping[str, File]


def read_files() -> Files:
    """Reads the files, by what they are called here."""
    return {name: _file(name, media_type) for name, media_type in _TYPES.items()}


def _file(name: str, media_type: str) -> File:
    content = (_HERE / name).read_bytes()
    stem, _, suffix = name.partition(".")
    named = f"{stem}-{sha256(content).hexdigest()[:16]}.{suffix}"
    return File(named, media_type, content)
