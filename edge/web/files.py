"""The files of the pages, in `static`; the public name of each contains a hash of it.

The content behind a name never changes, so browsers cache it forever. Scripts import
each other by these names.
"""

import re
from base64 import b64encode
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
_IMPORTED = re.compile(rb"(?<= from '\./)\w+\.js(?=')")


@dataclass(frozen=True, slots=True)
class File:
    """A file; `name` contains the hash of its contents.

    `integrity` is that hash as pages and policies name it (Subresource Integrity).
    """

    name: str
    stored: Stored
    integrity: str

    @property
    def path(self) -> str:
        """Its path on the edge."""
        return f"{FILES}/{self.name}"


Files = Mapping[str, File]


def read_files() -> Files:
    """Reads the files; the keys are their names in `static`."""
    paths = {path.name: path for path in _HERE.iterdir() if path.suffix in _TYPES}
    files: dict[str, File] = {}
    for name in sorted(paths):
        _read(name, paths, files)
    return files


def _read(name: str, paths: Mapping[str, Path], files: dict[str, File]) -> File:
    """Reads a file, after the files that it imports."""
    if name not in files:

        def named(found: re.Match[bytes]) -> bytes:
            return _read(found[0].decode(), paths, files).name.encode()

        content = _IMPORTED.sub(named, paths[name].read_bytes())
        files[name] = _file(paths[name], content)
    return files[name]


def _file(path: Path, content: bytes) -> File:
    hashed = sha256(content)
    named = f"{path.stem}-{hashed.hexdigest()[:16]}{path.suffix}"
    integrity = f"sha256-{b64encode(hashed.digest()).decode()}"
    return File(named, store(content, _TYPES[path.suffix]), integrity)
