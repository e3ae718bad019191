"""Writes the operations of an OpenAPI document as Python and as TypeScript.

Other generators write the types, from the schemas alone (see `generate.sh`). This one
writes the methods that use these types.
"""

import json
import re
import sys
import textwrap
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.clients import typescript_schemas
from deploy.clients.operations import IDS, Json, owners, resources
from deploy.clients.python_types import amounts, dates, python_schemas
from edge.openapi.parts import without_parts

_TEMPLATES = Path(__file__).parent / "templates"


def _wrapped(text: str, indent: int, width: int = 82) -> str:
    """A text wrapped for a comment, with room for the comment's marks."""
    lead = " " * indent
    paragraphs = [
        textwrap.fill(part, width - indent, break_long_words=False)
        for part in text.split("\n")
    ]
    return f"\n{lead}".join("\n".join(paragraphs).split("\n"))


def _segments(path: str) -> str:
    """A path as a Python f-string, in which each variable is checked."""
    return re.sub(r"{(\w+)}", r"{_segment('\1', \1)}", path)


def _filled(template: str, document: Json) -> str:
    environment = Environment(  # noqa: S701 - it writes programs, not pages
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrapped
    environment.filters["path_in_typescript"] = typescript_schemas.path_of
    typescript_amounts = partial(typescript_schemas.amounts_of, document)
    environment.filters["amounts_in_typescript"] = typescript_amounts
    environment.filters["amounts_in_python"] = partial(amounts, document)
    environment.filters["dates_in_python"] = partial(dates, document)
    environment.filters["segments"] = _segments
    version = document["info"]["version"]
    return environment.get_template(template).render(
        version=version, resources=resources(document), owners=owners(document)
    )


def _schemas(document: Json, schemas: Json) -> str:
    """The document with its schemas only, for the generators of types."""
    return json.dumps({**document, "paths": {}, "components": {"schemas": schemas}})


def _without_ids(schemas: Json) -> Json:
    """The bodies of searches without `ids`, for which there is a method.

    Elements of the page may be null then, which they never are otherwise.
    """
    made = dict(schemas)
    for name, schema in schemas.items():
        properties = schema.get("properties", {})
        if IDS in properties and name.startswith("Search"):
            kept = {key: each for key, each in properties.items() if key != IDS}
            made[name] = {**schema, "properties": kept}
    return made


def main(document: str, wanted: str) -> None:
    """Prints a template filled with a document's operations, or its schemas.

    The schemas are `schemas.json`, or `python.json` and `typescript.json`, adapted to
    the types of the languages.
    """
    # The types are those of whole records, as a token that may read gets them.
    told = without_parts(json.loads(Path(document).read_text()))
    if wanted == "schemas.json":
        made = _schemas(told, told["components"]["schemas"])
    elif wanted == "python.json":
        made = _schemas(told, _without_ids(python_schemas(told)))
    elif wanted == "typescript.json":
        made = _schemas(told, _without_ids(typescript_schemas.schemas_of(told)))
    else:
        made = _filled(wanted, told)
    sys.stdout.write(made)


if __name__ == "__main__":
    main(*sys.argv[1:])
