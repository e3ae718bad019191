"""Files in words for assistants: how one sends a text, and reads one piece by piece.

An assistant has no files: what it sends and reads is text in arguments and results.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from edge.transcoder.routes import Route

Json = dict[str, Any]

CONTENT, OFFSET, LENGTH = "content", "offset", "length"

# Of a text that is sent at once, in bytes of UTF-8.
MOST_CONTENT = 256 * 1024
# Of a piece that is read, in bytes. A result holds its text twice and must stay small.
LEAST_PIECE, USUAL_PIECE, MOST_PIECE = 128, 16 * 1024, 24 * 1024
# The last place in a file, far beyond the largest one.
MOST_OFFSET = 2**53

# Where a sentence ends: an abbreviation, before a small letter or a name, ends none.
SENTENCE_END = re.compile(r"(?<=\.) (?![a-z`])")
# Sentences with these are about requests over HTTP.
_OF_HTTP = re.compile(r"HTTP|ETag|Content-Digest|GiB|CONFLICT")

_SENT = (
    f" `{CONTENT}` is the text itself, up to {MOST_CONTENT:,} bytes as UTF-8. A longer"
    " text is sent by write_import_part, and start_import then begins."
)
_READ = (
    " Reads text: files of csv and ndjson without compression. An answer has whole"
    f" lines where they fit. Go on with its `next_{OFFSET}` until that is null."
)
_CONTENT_SCHEMA: Json = {
    "type": "string",
    "maxLength": MOST_CONTENT,
    "description": "The text, e.g. a CSV table with its header row.",
}
_OFFSET_SCHEMA: Json = {
    "type": "integer",
    "minimum": 0,
    "default": 0,
    "description": f"The byte to read from: 0, or the `next_{OFFSET}` of an answer.",
}
_LENGTH_SCHEMA: Json = {
    "type": "integer",
    "minimum": LEAST_PIECE,
    "maximum": MOST_PIECE,
    "default": USUAL_PIECE,
    "description": "How many bytes to read at most.",
}

# What the tools say besides with which work on a file begins: how it goes on.
_GOES_ON: Mapping[str, str] = MappingProxyType(
    {
        "create_import": (
            " First make a dry run (`dry_run` true), then show the user what it would"
            " do; then import for good by another one without it, and send the content"
            " again. Both go on so: write_import_content, wait_job with the `job_id` of"
            " its answer, get_import for numbers and mapping, search_import_rows with"
            " the status failed for what is wrong with which row. Leave `charset` out:"
            " texts are UTF-8."
        ),
        "create_export": (
            " wait_job tells when it has ended, get_export which files there are."
            " get_export_file reads those of csv and ndjson without compression. To"
            " count or to add up, ask for figures instead."
        ),
    }
)
_DRY_RUN = (
    "True: nothing is written. Up to 100,000 rows are judged as the import would do"
    " it; its result shows the mapping that was chosen, the columns that are let go and"
    " ten rows. Make such a dry run first. False or left out: the rows are written."
)


def about(route: Route, name: str, told: str) -> str:
    """The description of a tool, from that of its operation."""
    if not (route.is_upload or route.is_file):
        return told + _GOES_ON.get(name, "")
    sentences = SENTENCE_END.split(told)
    kept = " ".join(each for each in sentences if not _OF_HTTP.search(each))
    return kept + (_SENT if route.is_upload else _READ)


def arguments(route: Route) -> tuple[Json, list[str]]:
    """The arguments for the bytes of a file, and the names of the required ones."""
    if route.is_upload:
        return {CONTENT: _CONTENT_SCHEMA}, [CONTENT]
    if route.is_file:
        return {OFFSET: _OFFSET_SCHEMA, LENGTH: _LENGTH_SCHEMA}, []
    return {}, []


def suit_dry_run(name: str, properties: Json) -> None:
    """Says what the dry run of a whole import is: one call of a tool is none of it."""
    if name == "create_import":
        own = properties["dry_run"]
        properties["dry_run"] = {**own, "description": _DRY_RUN}
