"""The headers of requests and answers (contract, section 1)."""

from collections.abc import Iterable

from edge.http.dry_run import DRY_RUN_HEADER
from edge.openapi.values import Schema

_COUNT: Schema = {"type": "integer", "minimum": 0}
_TEXT: Schema = {"type": "string"}
DATE_PATTERN = r"^\d{4}-\d{2}-\d{2}$"

VERSION, TRACE_ID = "Version", "X-Trace-Id"
LIMITS = (
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "RateLimit",
    "RateLimit-Policy",
)

# Headers of answers: the schema, the description, and an example.
_HEADERS: dict[str, tuple[Schema, str, object]] = {
    VERSION: (
        _TEXT | {"pattern": DATE_PATTERN},
        "The dated contract that was applied.",
        None,
    ),
    TRACE_ID: (
        _TEXT | {"pattern": "^[0-9a-f]{32}$"},
        "The id under which the request is in the logs: the trace id of `traceparent`, "
        "or a new one.",
        "4bf92f3577b34da6a3ce929d0e0e4736",
    ),
    "X-RateLimit-Limit": (_COUNT, "How many requests the token has in a window.", 100),
    "X-RateLimit-Remaining": (
        _COUNT,
        "How many requests may be made at once right now, by token and tenant.",
        99,
    ),
    "X-RateLimit-Reset": (
        _COUNT,
        "When the whole budget will be there again, in Unix seconds.",
        1793532601,
    ),
    "RateLimit": (
        _TEXT,
        "What is left (`r`), and in how many seconds all of it is there again (`t`).",
        '"default";r=99;t=1',
    ),
    "RateLimit-Policy": (
        _TEXT,
        "The token's requests (`q`) in a window of so many seconds (`w`).",
        '"default";q=100;w=10',
    ),
    "ETag": (_TEXT, "The record's version, for `If-Match` and `If-None-Match`.", '"1"'),
    "Location": (_TEXT, "The path of the new record.", None),
    "Content-Location": (
        _TEXT,
        "Sent when the record of the path was merged: the path of its survivor, which "
        "the answer is.",
        None,
    ),
    "Idempotent-Replayed": (
        _TEXT | {"const": "true"},
        "Sent when the answer is that of an earlier request with the same key.",
        "true",
    ),
    DRY_RUN_HEADER: (
        _TEXT | {"const": "true"},
        "Sent when the request was a dry run: nothing was written.",
        "true",
    ),
    "Affected": (
        _TEXT,
        "Sent by restorations, and by dry runs of deletions, which change other "
        "records: how many of each type come back (`restored`), get their links again "
        "(`linked`), go too (`deleted`) or lose their links (`unlinked`).",
        "associations.deleted=1, notes.deleted=3, tasks.unlinked=2",
    ),
    "Accept-Ranges": (
        _TEXT | {"const": "bytes"},
        "That `Range` asks for a part of the file.",
        "bytes",
    ),
    "Content-Range": (
        _TEXT,
        "Which bytes of the file these are, and how many it has.",
        "bytes 0-1023/146515",
    ),
    "Content-Disposition": (
        _TEXT,
        "The name under which to keep the file.",
        'attachment; filename="contacts-1.csv"',
    ),
    "Repr-Digest": (
        _TEXT,
        "The SHA-256 of the whole file (RFC 9530).",
        "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    ),
    "Retry-After": (_COUNT, "In how many seconds to try again.", 1),
    "WWW-Authenticate": (
        _TEXT,
        "What the token lacks (RFC 6750), and where the metadata of this API is "
        "(RFC 9728).",
        'Bearer realm="ProspectConnect", error="invalid_token"',
    ),
    "Allow": (_TEXT, "The methods that the path takes.", "GET, PATCH"),
}


def header_components() -> Schema:
    """The headers of answers. The date of the contract is filled in later."""
    made = {}
    for name, (schema, about, example) in _HEADERS.items():
        header: Schema = {"description": about, "schema": schema}
        made[name] = header if example is None else header | {"example": example}
        if name in (VERSION, TRACE_ID):
            made[name]["required"] = True
    return made


def answered_with(names: Iterable[str] = (), *, limited: bool = True) -> Schema:
    """The headers of an answer, as references: those of every answer and `names`.

    `limited`: the token is known, so the headers with the rest of its limit are sent.
    """
    always = (VERSION, TRACE_ID, *(LIMITS if limited else ()))
    return {
        name: {"$ref": f"#/components/headers/{name}"} for name in (*always, *names)
    }


_OF_FILES: dict[str, Schema] = {
    "Range": {
        "name": "Range",
        "in": "header",
        "description": "The part of the file to send, e.g. `bytes=1048576-`.",
        "schema": _TEXT,
        "example": "bytes=0-1023",
    },
    "IfRange": {
        "name": "If-Range",
        "in": "header",
        "description": "Send the part only if the file is at this ETag, else all of "
        "it.",
        "schema": _TEXT,
    },
}

_LAST_EVENT_ID: Schema = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The `id` of the last event that was received: the stream "
    "goes on after it. It counts before `cursor`.",
    "schema": _TEXT,
}


def parameter_components() -> Schema:
    """The headers of requests. The date of the contract is filled in later."""
    return {
        VERSION: {
            "name": VERSION,
            "in": "header",
            "required": True,
            "description": "The dated contract that the client was written for, as "
            "`YYYY-MM-DD`. The newest one published on or before that day is applied.",
            "schema": _TEXT | {"pattern": DATE_PATTERN},
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Makes the request safe to repeat: for 30 days the same "
            "request with the same key gets the first answer again, and nothing is "
            "done twice. 1 to 255 visible ASCII characters.",
            "schema": _TEXT | {"pattern": "^[!-~]{1,255}$"},
            "example": "order-1815",
        },
        "DryRun": {
            "name": DRY_RUN_HEADER,
            "in": "header",
            "description": "With `true` the request is checked and answered as in "
            "earnest, and nothing is written. New ids in the answer are made up.",
            "schema": _TEXT | {"enum": ["true", "false"]},
            "example": "false",
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "description": "Do this only if the record is at one of these ETags, "
            "else answer 412.",
            "schema": _TEXT,
            "example": '"1"',
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "description": "Answer 304 without a body if the record is still at one of "
            "these ETags.",
            "schema": _TEXT,
            "example": '"1"',
        },
        "LastEventId": _LAST_EVENT_ID,
        **_OF_FILES,
    }
