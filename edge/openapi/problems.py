"""The answers that are problems (RFC 9457): each status once, for all operations."""

from itertools import groupby

from prospectconnect.type.v1.errors_pb2 import DESCRIPTOR as ERRORS

from edge.openapi.headers import answered_with
from edge.openapi.schemas import Schemas, enum
from edge.openapi.values import Schema
from edge.problems import MEDIA_TYPE, PROBLEMS
from edge.settings import EdgeSettings
from edge.transcoder.routes import Route

# For each status: its description, its headers, and whether the token's limit is known
# by then.
_ANSWERS: dict[int, tuple[str, tuple[str, ...], bool]] = {
    400: (
        "The request cannot be read: no JSON, a bad `Version` or `Idempotency-Key`, a "
        "query parameter, or a cursor of another search.",
        (),
        True,
    ),
    401: (
        "There is no token, or it is malformed, unknown, expired or revoked.",
        ("WWW-Authenticate",),
        False,
    ),
    403: (
        "The token's scopes or the user's role do not grant this: see `refused_by` and "
        "`required`. Or the record is one that the server alone writes.",
        ("WWW-Authenticate",),
        True,
    ),
    404: ("There is no such record, or none that the caller may see.", (), True),
    405: ("The path does not take this method.", ("Allow",), False),
    408: ("The request did not arrive in time.", (), True),
    409: (
        "The first request with the same idempotency key is still running. Or records "
        "hold values that a definition does not allow: see `count` and `sample`. Or "
        "formulas name the field, or the record was merged: see `used_by`.",
        ("Retry-After",),
        True,
    ),
    410: (
        "The contact was erased: see `erased_id`, `erased_at`, `erased_by` and "
        "`reason`. Or the stored answer of the idempotency key was about one that was. "
        "Or changes are kept no longer: see `oldest`.",
        (),
        True,
    ),
    412: ("The record is not at the ETag of `If-Match`.", (), True),
    413: ("The body has more than 1 MiB.", (), True),
    415: ("The body is not sent as JSON.", (), True),
    422: (
        "The body has the wrong shape or breaks a rule: `errors` names every fault. Or "
        "the idempotency key was used for another request.",
        (),
        True,
    ),
    416: ("The file has none of the bytes of the range.", (), True),
    429: (
        "The token's or the tenant's rate limit is used up.",
        ("Retry-After",),
        True,
    ),
    500: ("A fault of ours.", (), True),
    503: (
        "Overloaded, or the database is out of reach. Try again.",
        ("Retry-After",),
        True,
    ),
    504: ("The answer was not ready in time.", (), True),
}
# The statuses that every operation can answer.
_ALWAYS = (400, 401, 405, 408, 413, 429, 500, 503, 504)


def statuses_of(route: Route) -> tuple[int, ...]:
    """The statuses of the problems that an operation can answer."""
    named = bool(route.path_parameters) or "id" in route.accepts
    # A text in the path can break a rule; what names a record or its object cannot: at
    # worst it is unknown.
    texts = set(route.path_parameters) - {"id", "object", "slug"}
    has_texts = bool(route.body_field or (texts and not route.is_file))
    given = {
        403: route.permission is not None or route.denies or route.is_batch,
        404: named or route.is_batch,
        409: route.keyed or route.conflicts,
        410: (route.erasable and named)
        or (route.keyed and route.may_be_gone)
        or route.is_feed
        or route.is_file,
        412: honors_if_match(route) or route.is_batch,
        415: bool(route.body_field),
        416: route.is_file,
        422: has_texts,
    }
    return tuple(
        status for status in _ANSWERS if status in _ALWAYS or given.get(status)
    )


def honors_if_match(route: Route) -> bool:
    """Whether `If-Match` is checked: when a record is changed or read."""
    reads = route.answers_etag and route.http_method == "GET"
    return route.has_etag or reads or route.is_file


def response_components(schemas: Schemas) -> Schema:
    """The answers that are problems, by the names of their components."""
    schema = schemas.refer("Problem", lambda: _problem(schemas))
    return {
        response_name(status): {
            "description": about,
            "headers": answered_with(names, limited=limited),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status, (about, names, limited) in _ANSWERS.items()
    }


def response_name(status: int) -> str:
    """The name of a status's component, e.g. `NotFound`."""
    slug = next(kind.title for kind in PROBLEMS.values() if kind.status == status)
    return slug.title().replace(" ", "")


def _problem(schemas: Schemas) -> Schema:
    code = enum(schemas, ERRORS.enum_types_by_name["FaultCode"])
    properties = {
        "type": _text("What kind of problem it is, one of:\n\n" + _types())
        | {"format": "uri"},
        "title": _text("The kind of problem in words."),
        "status": {
            "type": "integer",
            "description": "The HTTP status.",
            "minimum": 400,
            "maximum": 599,
        },
        "detail": _text("What went wrong this time, in a sentence."),
        "instance": _text("The path of the request."),
        "trace_id": _text("The id under which the request is in the logs.")
        | {"pattern": "^[0-9a-f]{32}$"},
        "errors": {
            "type": "array",
            "items": schemas.refer("Fault", lambda: _fault(code)),
            "description": "Of `validation`: every fault of the request.",
        },
        "erased_id": _text("Of `gone`: the contact that was erased."),
        "erased_at": _text("Of `gone`: when the contact was erased.")
        | {"format": "date-time"},
        "erased_by": _text("Of `gone`: the user who erased it."),
        "reason": _text("Of `gone`: why it was erased."),
        "oldest": _text("Of `gone`: since when changes are kept.")
        | {"format": "date-time"},
        "refused_by": {
            "type": "string",
            "enum": ["scope", "role"],
            "description": "Of `forbidden`: whether the token's scopes or the user's "
            "role refused.",
        },
        "required": _text("Of `forbidden`: the permission that it takes."),
        **_of_batches(),
        **_conflict(),
    }
    return {
        "type": "object",
        "description": "A problem document (RFC 9457). Decide by `type`; `detail` is "
        "for people.",
        "required": ["type", "title", "status", "detail", "instance", "trace_id"],
        "properties": properties,
    }


def _of_batches() -> dict[str, Schema]:
    """The members of problems of batches, and of their operations."""
    number = {"type": "integer", "minimum": 0}
    return {
        "failed_operation": number
        | {
            "description": "Of an atomic batch: the index of the operation that failed."
        },
        "depends_on": number
        | {
            "description": "Of `dependency-failed`: the index of the operation that "
            "failed first."
        },
    }


def _conflict() -> dict[str, Schema]:
    """The members of a `conflict`."""
    return {
        "count": {
            "type": "integer",
            "description": "Of `conflict`: how many stand in the way.",
        },
        "sample": {
            "type": "array",
            "items": {"type": "string"},
            "maxItems": 10,
            "description": "Of `conflict`: the ids of some of these records.",
        },
        "used_by": {
            "type": "array",
            "items": {"type": "string"},
            "maxItems": 10,
            "description": "Of `conflict`: what leads to the records of an object that "
            "is to be archived, e.g. `deals.machine`; the keys of formulas that name "
            "the field; or the record that this one was merged into.",
        },
    }


def _types() -> str:
    """The types, each with its statuses."""
    base = EdgeSettings().problem_base
    rows = sorted({(kind.slug, kind.status) for kind in PROBLEMS.values()})
    lines = []
    for slug, group in groupby(rows, key=lambda row: row[0]):
        statuses = ", ".join(str(status) for _, status in group)
        lines.append(f"- `{base}{slug}` ({statuses})")
    return "\n".join(lines)


def _fault(code: Schema) -> Schema:
    return {
        "type": "object",
        "description": "What is wrong with one field.",
        "required": ["field", "code", "message"],
        "properties": {
            "field": _text("Where it is in the body, e.g. `filters[0].operator`."),
            "code": code,
            "message": _text("What would be right, in a sentence."),
            "record_id": _text(
                "Of `not_unique`: the record that has the value, if the caller sees it."
            ),
        },
    }


def _text(about: str) -> Schema:
    return {"type": "string", "description": about}
