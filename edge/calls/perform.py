"""Performs an operation: a body becomes a message, the message goes upstream.

The shape of a body is checked here, and its rules in the services. A client gets the
faults of both in one answer.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from google.protobuf.message import Message

from edge.calls.batches import perform_batch
from edge.calls.exchange import Exchange
from edge.calls.faults import all_faults, cut
from edge.http.preconditions import etag_condition, mismatch
from edge.operations import Operation
from edge.problems import Fault, ProblemError, validation_failed
from edge.transcoder.faults import Findings, find_faults
from edge.transcoder.formats import Unreadable
from edge.transcoder.routes import Route
from edge.upstream.call import Reply, call, faulty_fields
from edge.upstream.channel import UpstreamMethod


async def perform(exchange: Exchange, method: UpstreamMethod) -> Reply:
    """Calls the exchange's operation upstream, with the results of its gates.

    Raises:
        ProblemError: With the paths of faults relative to the body.
    """
    operation, route = exchange.operation, exchange.operation.route
    bound: dict[str, Any] = {
        name: decoded(text) for name, text in exchange.path_values.items()
    }
    if operation.batch is not None:
        return await perform_batch(exchange, operation.batch, method, bound)
    body, metadata, findings = exchange.body, exchange.metadata(), None
    if type(body) is dict:
        body = exchange.contract.upgrade(route, body, exchange.touched)
        if route.contract_in and body.get(route.contract_in) is None:
            body = {**body, route.contract_in: str(exchange.contract.date)}
    if exchange.query:
        bound |= exchange.query
    try:
        request = operation.decode(body, bound)
    except Unreadable as refusal:
        findings = findings_of(operation, body, refusal)
        request = rest_of(operation, findings, bound)
        paths = full_paths(route, findings.faults)
        metadata.append(("x-faulty-fields", faulty_fields(paths)))
    if route.has_etag and (etags := etag_condition(exchange.header("if-match"))):
        request.etag = etags  # type: ignore[attr-defined]  # as the route says
    try:
        reply = await call(method, request, metadata, exchange.deadline)
    except ProblemError as error:
        if error.reason == "ETAG_MISMATCH":
            raise mismatch(exchange.header("if-match"), error.detail) from None
        if error.reason != "VALIDATION_FAILED":
            raise
        if route.query:
            raise bad_query(error) from None
        raise all_row_faults(route, findings, error) from None
    if findings is not None:
        raise validation_failed(*cut(findings.faults))
    _complete(exchange, reply.message)
    return reply


def _complete(exchange: Exchange, message: Any) -> None:
    """Adds to an answer what only the edge knows."""
    operation, address_in = exchange.operation, exchange.operation.route.address_in
    if address_in and (path := getattr(message, address_in)):
        setattr(message, address_in, exchange.base + path)
    if operation.finish is not None and exchange.budget is not None:
        operation.finish(message, exchange.budget)


def decoded(value: str) -> str:
    """A part of a path without its percent-encoding."""
    if "%" not in value:
        return value
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise ProblemError("NOT_FOUND", "There is no such record.") from None


def findings_of(operation: Operation, body: Any, refusal: Unreadable) -> Findings:
    """The faults of a body that the decoder refused."""
    shape = operation.shape
    if shape is None or type(body) is not dict:
        fault = Fault("body", "invalid_type", "The body must be a JSON object.")
        raise validation_failed([fault])
    findings = find_faults(shape, body)
    if not findings.faults:  # tests show that this does not happen
        raise validation_failed([Fault("body", refusal.code, refusal.message)])
    return findings


def rest_of(
    operation: Operation, findings: Findings, bound: Mapping[str, str]
) -> Message:
    """The request without the parts that cannot be read.

    Raises ProblemError with the faults found so far if it still cannot be read.
    """
    try:
        return operation.decode(findings.body, bound)
    except Unreadable:
        raise validation_failed(*cut(findings.faults)) from None


def full_paths(route: Route, faults: list[Fault]) -> list[str]:
    """Paths in the request message, for the fields that exist."""
    prefix = f"{route.body_field}." if route.body_field != "*" else ""
    return [
        f.field if f.field in route.beside else prefix + f.field
        for f in faults
        if f.code != "unknown_field"
    ]


def all_row_faults(
    route: Route, findings: Findings | None, error: ProblemError
) -> ProblemError:
    """The edge's faults, then the services' faults that are new.

    If the services explain a field that the edge could not read, their message is used:
    they know which values the field takes.
    """
    prefix = f"{route.body_field}."
    theirs = [
        replace(fault, field=fault.field.removeprefix(prefix))
        for fault in error.members["errors"]
    ]
    ours = [] if findings is None else findings.faults
    return validation_failed(*all_faults(ours, theirs, error.omitted))


def bad_query(error: ProblemError) -> ProblemError:
    """The 400 of a query that names what is not there."""
    fault = error.members["errors"][0]
    name, _, _ = fault.field.partition("[")
    return ProblemError("BAD_REQUEST", f"{name}: {fault.message}")
