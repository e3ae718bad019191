"""The files of the documents: written with the generated code, read by the edge.

In a checkout they are beside the generated packages; in an installed program they are
among them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import prospectconnect

from edge.openapi.values import Schema
from edge.versions import CHANGES

FOLDER = "openapi"
RECORDING = "examples.json"
_RECORDED = Path("gen") / FOLDER
_LAYOUT = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def versions() -> tuple[str, ...]:
    """The dates of the contracts, oldest first."""
    return tuple(str(change.date) for change in CHANGES)


def read(version: str) -> bytes:
    """The file of a contract."""
    return (_folder() / _name(version)).read_bytes()


def read_recording() -> Any:
    """The recorded examples. They are not generated, and are only in a checkout."""
    return orjson.loads((_RECORDED / RECORDING).read_bytes())


def write(folder: Path, documents: Mapping[str, Schema]) -> None:
    """Writes the document of each contract."""
    folder.mkdir(parents=True, exist_ok=True)
    for version, document in documents.items():
        (folder / _name(version)).write_bytes(orjson.dumps(document, None, _LAYOUT))


def _folder() -> Path:
    packages = Path(next(iter(prospectconnect.__path__)))
    beside = packages.parent / FOLDER
    return beside if beside.is_dir() else packages / FOLDER


def _name(version: str) -> str:
    return f"{version}.json"
