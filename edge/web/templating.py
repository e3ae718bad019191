"""The templates of the pages, read once. Whatever they are given, they escape."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from google.protobuf.timestamp_pb2 import Timestamp
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edge.web import addresses
from edge.web.files import Files, read_files

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
    environment.filters.update(
        day=_day, minute=_minute, second=_second, stamp=_stamp, number=_number
    )
    environment.globals.update(
        style=files["style.css"].path,
        account_style=files["account.css"].path,
        icon=files["icon.svg"].path,
        at=addresses,
    )
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
    """`2026-11-05 22:41:07 UTC`, as logs have it."""
    return f"{datetime.fromtimestamp(moment.seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _stamp(moment: Timestamp) -> str:
    """`2026-11-05T22:41:07Z`, as machines read it."""
    return f"{datetime.fromtimestamp(moment.seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _number(count: int) -> str:
    """`13,658`."""
    return f"{count:,}"
