"""The templates of the pages, read once. Whatever they are given, they escape."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from google.protobuf.timestamp_pb2 import Timestamp
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from edge.web import addresses
from edge.web.files import Files, read_files

_CODE = re.compile(r"`([^`]+)`")
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates and the files that they name."""

    environment: Environment
    files: Files


def open_pages() -> Pages:
    """Reads the templates and the files. Once, at start."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    files = read_files()
    environment.filters["day"] = _day
    environment.filters["told"] = _told
    environment.filters["article"] = _article
    environment.globals.update(
        style=files["style.css"].path, icon=files["icon.svg"].path, at=addresses
    )
    environment.globals["file"] = lambda name: files[name].path
    return Pages(environment, files)


def _day(moment: Timestamp) -> str:
    """`5 November 2026`, in UTC."""
    found = datetime.fromtimestamp(moment.seconds, UTC)
    return f"{found.day} {found:%B %Y}"


def _told(text: str) -> Markup:
    """What is said of the API, where backquotes stand around code."""
    parts = _CODE.split(text)
    parts[::2] = [str(escape(part)) for part in parts[::2]]
    parts[1::2] = [f"<code>{escape(part)}</code>" for part in parts[1::2]]
    return Markup("".join(parts).replace("\n\n", "</p>\n<p>"))  # noqa: S704 - escaped


def _article(noun: str) -> str:
    return f"{'An' if noun[0] in 'aeio' else 'A'} {noun}"
