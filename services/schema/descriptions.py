"""What the reference says of built-in fields, in the words of the protos' comments.

The generated code has no comments; the OpenAPI documents beside it have them.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import orjson
import prospectconnect


@cache
def descriptions() -> Mapping[tuple[str, str], str]:
    """What the newest document says, by the names of a message and of its field."""
    document = orjson.loads(_newest().read_bytes())
    return {
        (message, name): field["description"]
        for message, schema in document["components"]["schemas"].items()
        for name, field in schema.get("properties", {}).items()
        if "description" in field
    }


def _newest() -> Path:
    """In a checkout the documents are beside the packages, else among them."""
    packages = Path(next(iter(prospectconnect.__path__)))
    beside = packages.parent / "openapi"
    folder = beside if beside.is_dir() else packages / "openapi"
    return max(folder.glob("[0-9]*.json"))
