"""The rows of imports as the requests of single calls, and the problems of these.

The worker that runs imports is given this: so a row and a single request are read by
the same code, and what is wrong with them is said in the same words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from google.rpc.status_pb2 import Status

from edge.calls.perform import all_row_faults, findings_of, full_paths, rest_of
from edge.operations import Operation, compile_operation
from edge.problems import Fault, ProblemError, document, validation_failed
from edge.surface import public_services
from edge.transcoder.faults import Findings
from edge.transcoder.formats import Unreadable
from edge.transcoder.json_body import parse_body
from edge.transcoder.routes import Route, routes_of
from edge.upstream.errors import problem_of_status

Json = dict[str, Any]

_VERBS = ("Create", "Update", "Upsert", "Delete", "Restore")


@dataclass(frozen=True, slots=True)
class RowRequest:
    """The request of a row, None if it cannot be read at all.

    `unread` are the paths in it that could not be read.
    """

    operation: Operation
    request: Any
    unread: Sequence[str] = ()
    findings: Findings | None = None
    error: ProblemError | None = None


class Transcoder:
    """Reads rows and writes their problems. The routes are compiled when needed."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._compiled: dict[str, Operation] = {}

    def parse(self, line: bytes) -> tuple[Any, Json | None]:
        """The value of a line of JSON, or the problem that a body of it would be."""
        try:
            return parse_body(line), None
        except ProblemError as error:
            return None, self._shown(error)

    def request(
        self, method: str, bound: Mapping[str, str], body: Json | None
    ) -> RowRequest:
        """The request of a method such as `UpdateContact`, of its path and its body."""
        operation = self._operation(method)
        try:
            return RowRequest(operation, operation.decode(body, bound))
        except Unreadable as refusal:
            try:
                findings = findings_of(operation, body, refusal)
                request = rest_of(operation, findings, bound)
            except ProblemError as error:
                return RowRequest(operation, None, error=error)
        unread = full_paths(operation.route, findings.faults)
        # One that the services do not know keeps it from running.
        return RowRequest(operation, request, unread or ["body"], findings)

    def problem(
        self,
        row: RowRequest | None,
        status: Status | None,
        said: Sequence[tuple[str, str, str]] = (),
    ) -> Json:
        """The problem of a row, as a single request would have been answered.

        `said` are faults that no request has: path, code and message of each.
        """
        more = [Fault(*each) for each in said]
        if row is not None and row.error is not None:
            return self._shown(row.error)
        if status is None:
            return self._shown(validation_failed(more))
        error = problem_of_status(status)
        if error.reason == "VALIDATION_FAILED" and row is not None:
            findings = row.findings or Findings({})
            findings = Findings({}, [*more, *findings.faults])
            error = all_row_faults(row.operation.route, findings, error)
        return self._shown(error)

    def _shown(self, error: ProblemError) -> Json:
        shown = document(error, self._base, "", "")
        del shown["instance"], shown["trace_id"]
        return shown

    def _operation(self, method: str) -> Operation:
        found = self._compiled.get(method)
        if found is None:
            found = self._compiled[method] = compile_operation(self._routes[method])
        return found

    @cached_property
    def _routes(self) -> Mapping[str, Route]:
        routes = routes_of(public_services())
        named = {route.rpc.rpartition("/")[2]: route for route in routes}
        return {name: each for name, each in named.items() if name.startswith(_VERBS)}
