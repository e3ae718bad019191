"""HTTP answers: successes, problems, and Sanic's own exceptions as problems."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import structlog
from sanic import HTTPResponse, Request, SanicException

from edge.calls.exchange import Exchange
from edge.http.accept import prefers
from edge.http.bearer import challenge
from edge.http.dry_run import DRY_RUN_HEADER
from edge.http.http_date import http_date
from edge.http.idempotency import REPLAYED_HEADER
from edge.http.preconditions import mismatch, precondition_failed, tag_had
from edge.operations import MadeForm, OtherForm
from edge.problems import MEDIA_TYPE, ProblemError, our_fault, render, unavailable
from edge.settings import EdgeSettings
from edge.transcoder.routes import JOB

_log = structlog.get_logger("edge")

HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")
_MAX_INSTANCE = 1024
_MERGED_IDS = "merged_ids"  # a field of the records that can be merged
JOBS = "/v1/jobs"

# The path of the protected resource's metadata (RFC 9728 section 3.1).
METADATA_PATH = "/.well-known/oauth-protected-resource/v1"

# Sanic's exceptions by status: our reason, and our sentence for the client.
_FRAMEWORK = {
    400: ("BAD_REQUEST", "The HTTP request is malformed."),
    404: ("NOT_FOUND", "There is no such route."),
    405: ("METHOD_NOT_ALLOWED", "The route does not take this method."),
    408: ("REQUEST_TIMEOUT", "The request did not arrive in time."),
    413: ("PAYLOAD_TOO_LARGE", "The request is too large."),
    414: ("BAD_REQUEST", "The path is too long."),
    417: ("BAD_REQUEST", "The Expect header asks for what is not offered."),
}


class Answer(HTTPResponse):
    """An answer whose headers were made here, so Sanic need not clean them again."""

    def __init__(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        self.asgi = False
        self.body = body
        self.content_type = None
        self.stream = None
        self.status = status
        self.headers: Any = headers
        self._cookies = None

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The headers as sent: a single one, whose value contains all others."""
        lines = [f"{name}: {value}" for name, value in self.headers.items()]
        name, _, rest = "\r\n".join(lines).encode().partition(b": ")
        yield name, rest


def good_answer(
    exchange: Exchange,
    message: Any,
    replayed: bool,
    affected: str = "",
) -> HTTPResponse:
    """The answer of an operation that succeeded.

    `affected` is what it did to other records, where it tells that.

    Raises:
        ProblemError: ETAG_MISMATCH for a read whose If-Match names other tags.
    """
    operation = exchange.operation
    route, status, headers = operation.route, operation.route.status, head(exchange)
    form = None
    if operation.is_negotiated:
        headers["Vary"] = f"{headers['Vary']}, Accept"
        form = _form_wanted(exchange, operation.other_form)
    if replayed:
        headers[REPLAYED_HEADER] = "true"
    if affected:
        headers["Affected"] = affected
    if route.begins_job and message.HasField(JOB):
        return _begun(exchange, getattr(message, JOB), headers)
    if route.is_batch:
        status = message.status
    if status == 204:
        return Answer(b"", 204, headers)
    if route.answers_etag:
        record = getattr(message, route.record_in) if route.record_in else message
        _lead_on(exchange, record, headers)
        etag = record.etag if form is None else record.etag + form.suffix
        headers["ETag"] = f'"{etag}"'
        if route.http_method == "GET" and (had := _tag_had(exchange, etag)):
            headers["ETag"] = f'"{had}"'
            return Answer(b"", 304, headers)
    if route.erases:
        _lead_on(exchange, message, headers)
    if status == 201 and route.may_exist and message.existed:
        status = 200
    if status == 201:
        headers["Location"] = _location(exchange, message)
    if form is not None:
        headers["content-type"] = form.media_type
        return Answer(form.write(message), status, headers)
    headers["content-type"] = "application/json"
    return Answer(_written(exchange, message), status, headers)


def made_answer(exchange: Exchange, form: MadeForm, body: bytes) -> HTTPResponse:
    """The answer in a form that the client has chosen."""
    headers = head(exchange)
    headers |= {"Vary": f"{headers['Vary']}, Accept", **form.headers}
    charset = "; charset=utf-8" * form.media_type.startswith("text/")
    headers["content-type"] = form.media_type + charset
    return Answer(body, exchange.operation.route.status, headers)


def _location(exchange: Exchange, message: Any) -> str:
    """The path of a new record."""
    route = exchange.operation.route
    path = route.path.format_map(exchange.path_values)
    return f"{path}/{getattr(message, route.identified_by)}"


def _lead_on(exchange: Exchange, record: Any, headers: dict[str, str]) -> None:
    """Tells the path of the record that stands for the one which the path names.

    Other records than merged ones have no such record: what an action makes of one has
    an id of its own.
    """
    named = exchange.path_values.get("id")
    if named is None or record.id == named:
        return
    known = record.DESCRIPTOR.fields_by_name
    if exchange.operation.route.erases or _MERGED_IDS in known:
        path = exchange.operation.route.collection_path
        path = path.format_map(exchange.path_values)
        headers["Content-Location"] = f"{path}/{record.id}"


def _begun(exchange: Exchange, job: Any, headers: dict[str, str]) -> HTTPResponse:
    """The answer of an operation that goes on in a job, which clients can wait for."""
    headers["Location"], headers["ETag"] = f"{JOBS}/{job.id}", f'"{job.etag}"'
    headers["content-type"] = "application/json"
    write = exchange.operation.write_job
    assert write is not None  # noqa: S101 - by the route
    return Answer(write(job), 202, headers)


def _form_wanted(exchange: Exchange, other: OtherForm | None) -> OtherForm | None:
    """The other form of the answer, if the client prefers it to JSON."""
    if other is None:
        return None
    return other if prefers(exchange.header("accept"), other.media_type) else None


def _written(exchange: Exchange, message: Any) -> bytes:
    """The answer's message as the JSON of the client's contract."""
    operation, contract = exchange.operation, exchange.contract
    if operation.batch is not None:
        return operation.write(message)
    if not contract.downgrades:
        write = operation.writer(message) if operation.beyond else operation.write
        return write(message)
    found = operation.as_dict(message)
    body = contract.downgrade(operation.route, found, exchange.touched)
    return orjson.dumps(body)


def head(exchange: Exchange) -> dict[str, str]:
    """The headers of every answer under `/v1`, as far as they are known."""
    trace_id = exchange.trace.trace_id
    headers = {"Date": http_date(), "X-Trace-Id": trace_id}
    headers.update(exchange.contract.headers)
    if exchange.budget is not None:
        headers.update(exchange.budget.headers())
    if exchange.is_dry:
        headers[DRY_RUN_HEADER] = "true"
    return headers


def _tag_had(exchange: Exchange, etag: str) -> str:
    """The tag of the version that the client has already, once its If-Match matches;
    empty if it does not have this version.

    With expansions it is never told to have it: the tag is that of the record alone.
    """
    wanted, had = exchange.header("if-match"), exchange.header("if-none-match")
    if wanted and precondition_failed(wanted, etag):
        raise mismatch(wanted)
    return tag_had(had, etag) if had and not exchange.expands else ""


def problem_answer(
    error: ProblemError,
    request: Request,
    settings: EdgeSettings,
    headers: dict[str, str],
) -> HTTPResponse:
    """The answer for a problem.

    Args:
        error: The problem.
        request: The request.
        settings: The edge's settings.
        headers: The headers of every answer, including `X-Trace-Id`.
    """
    instance = request.raw_url.partition(b"?")[0].decode("latin-1")[:_MAX_INSTANCE]
    body = render(error, settings.problem_base, instance, headers["X-Trace-Id"])
    headers |= error.headers
    headers["content-type"] = MEDIA_TYPE
    if error.kind.status in (401, 403):
        headers |= challenge(error, _metadata_url(request, settings))
    return Answer(body, error.kind.status, headers)


def as_problem(error: BaseException) -> ProblemError:
    """Any exception as a problem. An unexpected one is logged and becomes a 500."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, SanicException):
        if error.status_code == 503:
            return unavailable()
        if found := _FRAMEWORK.get(error.status_code):
            return ProblemError(*found)
    _log.error("unforeseen", exc_info=error)
    return our_fault()


def _metadata_url(request: Request, settings: EdgeSettings) -> str | None:
    """The address of the protected resource's metadata (RFC 9728 section 3.1)."""
    base = base_url(request, settings)
    return None if base is None else base + METADATA_PATH


def base_url(request: Request, settings: EdgeSettings) -> str | None:
    """The API's address without a path: from the settings, else from the request."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = request.headers.getone("host", "")
    if not HOST.fullmatch(host):
        return None
    secure = request.conn_info is not None and request.conn_info.ssl
    return f"{'https' if secure else 'http'}://{host}"
