"""Writes the operations of an OpenAPI document as Python and as TypeScript.

Types are the work of others (see `generate.sh`); this writes the methods that name
them.
"""

import json
import sys
import textwrap
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from clients.operations import resources

_TEMPLATES = Path(__file__).parent / "templates"


def _wrapped(text: str, indent: int, width: int = 82) -> str:
    """A text as the lines of a comment, with room for its marks."""
    lead = " " * indent
    paragraphs = [
        textwrap.fill(part, width - indent, break_long_words=False)
        for part in text.split("\n")
    ]
    return f"\n{lead}".join("\n".join(paragraphs).split("\n"))


def main(document: str, template: str) -> None:
    """Prints a template filled with a document's operations."""
    environment = Environment(  # noqa: S701 - it writes programs, not pages
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrapped
    told = json.loads(Path(document).read_text())
    sys.stdout.write(
        environment.get_template(template).render(
            version=told["info"]["version"], resources=resources(told)
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
