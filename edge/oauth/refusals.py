"""Refusals in the form of the OAuth RFCs (RFC 6749, 5.2).

The document is `{"error", "error_description"}`. Our texts contain only characters that
an `error_description` may contain.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

import orjson
from sanic import HTTPResponse

from edge.problems import ProblemError

NO_STORE = MappingProxyType({"Cache-Control": "no-store", "Pragma": "no-cache"})

_REALM = 'realm="ProspectConnect"'
_STATUS = MappingProxyType(
    {"invalid_client": 401, "invalid_token": 401, "access_denied": 403}
)
_CHALLENGES = MappingProxyType(
    {
        "invalid_client": f"Basic {_REALM}",
        "invalid_token": f'Bearer {_REALM}, error="invalid_token"',
    }
)
_NOT_DESCRIPTIVE = re.compile(r"[^ !#-\[\]-~]")


def refused(error: str, description: str) -> ProblemError:
    """A refusal with an OAuth error."""
    return ProblemError("OAUTH_REFUSED", description, members={"oauth_error": error})


def error_of(problem: ProblemError) -> str:
    """The OAuth error that fits a problem best."""
    if problem.reason == "OAUTH_REFUSED":
        return str(problem.members["oauth_error"])
    status = problem.kind.status
    if status in (429, 503, 504):
        return "temporarily_unavailable"
    return "invalid_request" if status < 500 else "server_error"


def description_of(problem: ProblemError) -> str:
    """The `error_description`, with only the characters that it may contain."""
    return _NOT_DESCRIPTIVE.sub("'", problem.detail)


def status_of(problem: ProblemError) -> int:
    """The HTTP status of a refusal."""
    return _STATUS.get(error_of(problem), problem.kind.status)


def refusal(problem: ProblemError) -> HTTPResponse:
    """The answer of an endpoint for a problem."""
    error = error_of(problem)
    headers = {**NO_STORE, **problem.headers}
    if error in _CHALLENGES:
        headers["WWW-Authenticate"] = _CHALLENGES[error]
    document = {"error": error, "error_description": description_of(problem)}
    return json_answer(document, status_of(problem), headers)


def json_answer(
    document: Mapping[str, object],
    status: int = 200,
    headers: Mapping[str, str] = NO_STORE,
) -> HTTPResponse:
    """A JSON document as an answer that must not be cached."""
    body = orjson.dumps(dict(document))
    return HTTPResponse(body, status, dict(headers), "application/json")
