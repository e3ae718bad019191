"""The templates of the pages. They are read once, and escape all values."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
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
    """The templates and the files that they refer to."""

    environment: Environment
    files: Files


@cache
def open_pages() -> Pages:
    """Reads the templates and the files; once, when the first edge is built."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    files = read_files()
    environment.filters.update(
        day=_day,
        minute=_minute,
        second=_second,
        stamp=_stamp,
        number=_number,
        moment=_moment,
    )
    environment.filters.update(told=_told, article=_article)
    environment.globals.update(
        style=files["style.css"].path,
        account_style=files["account.css"].path,
        icon=files["icon.svg"].path,
        at=addresses,
    )
    environment.globals["file"] = lambda name: files[name].path
    environment.globals["integrity"] = lambda name: files[name].integrity
    return Pages(environment, files)


def _day(moment: Timestamp) -> str:
    """`5 November 2026`, in UTC."""
    found = datetime.fromtimestamp(moment.seconds, UTC)
    return f"{found.day} {found:%B %Y}"


def _minute(moment: Timestamp) -> str:
    """`5 Nov 2026, 22:41`, in UTC."""
    found = datetime.fromtimestamp(moment.seconds, UTC)
    return f"{found.day} {found:%b %Y, %H:%M}"


def _second(moment: Timestamp) -> str:
    """`2026-11-05 22:41:07 UTC`, as in logs."""
    return f"{datetime.fromtimestamp(moment.seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _stamp(moment: Timestamp) -> str:
    """`2026-11-05T22:41:07Z`, for programs."""
    return f"{datetime.fromtimestamp(moment.seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _moment(seconds: int) -> str:
    """`2026-11-05T22:41:07Z`, of seconds since 1970."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _number(count: int) -> str:
    """`13,658`."""
    return f"{count:,}"


def _told(text: str) -> Markup:
    """A description as HTML: text in backquotes becomes code."""
    parts = _CODE.split(text)
    parts[::2] = [str(escape(part)) for part in parts[::2]]
    parts[1::2] = [f"<code>{escape(part)}</code>" for part in parts[1::2]]
    return Markup("".join(parts).replace("\n\n", "</p>\n<p>"))  # noqa: S704 - escaped


def _article(noun: str) -> str:
    return f"{'An' if noun[0] in 'aeio' else 'A'} {noun}"
