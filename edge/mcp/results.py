"""The outcome of a call as a result for an assistant.

The result contains the same JSON twice, as the protocol requires: as a structure for
programs, and as text. The content of records appears only as values in that JSON. No
result is larger than `MOST_BYTES`: long texts and lists are cut, with a note about it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from edge.mcp.advice import advice_on
from edge.operations import Operation
from edge.problems import ProblemError, document
from edge.transcoder.routes import JOB

MOST_BYTES = 60 * 1024  # leaves room for the envelope around it
MOST_FAULTS = 20

Json = dict[str, Any]


class Measure(NamedTuple):
    """Maximum sizes: characters of a text, items of a list, keys of an object."""

    characters: int
    items: int
    keys: int


# Tried in this order. A page begins with the third: it serves to find a record, which
# can then be read alone.
_MEASURES = (
    Measure(20_000, 200, 200),
    Measure(5_000, 100, 150),
    Measure(1_000, 60, 100),
    Measure(250, 20, 60),
    Measure(60, 5, 40),
    Measure(40, 2, 8),
)
_OF_PAGES = _MEASURES[2:]


@dataclass(slots=True)
class _Cutter:
    """Cuts a value to a measure, and records whether it cut anything."""

    measure: Measure
    has_cut: bool = False

    def cut(self, value: Any) -> Any:
        """The value, or a shortened copy of it."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            kept = list(value.items())[: self.measure.keys]
            self.has_cut |= len(kept) < len(value)
            return {key: self.cut(each) for key, each in kept}
        if isinstance(value, list):
            shown = value[: self.measure.items]
            self.has_cut |= len(shown) < len(value)
            return [self.cut(each) for each in shown]
        return value

    def _text(self, text: str) -> str:
        most = self.measure.characters
        if len(text) <= most:
            return text
        self.has_cut = True
        return f"{text[:most]} … [{len(text) - most:,} more characters]"


def good_result(operation: Operation, message: Any, *, is_dry: bool = False) -> Json:
    """The result of a call that succeeded; `is_dry`: as a dry run."""
    if operation.route.status == 204:
        dry = {"would_delete": True, "dry_run": True}
        return told(dry if is_dry else {"deleted": True})
    if operation.write_job is not None and message.HasField(JOB):
        return told(orjson.loads(operation.write_job(getattr(message, JOB))))
    answer = operation.as_dict(message)
    if operation.route.is_search:
        return _page(operation, answer)
    return _fitting(answer, operation)


def _page(operation: Operation, answer: Json) -> Json:
    """A page. It keeps all of its records and the cursor of the next page."""
    for measure in _OF_PAGES:
        cutter = _Cutter(measure)
        data = [cutter.cut(record) for record in answer["data"]]
        page = {**answer, "data": data}
        if fits := _if_it_fits(page, cutter, operation):
            return fits
    ids = [record and {"id": record.get("id")} for record in answer["data"]]
    return told({**answer, "data": ids, "cut": _note(operation)})


def _fitting(answer: Json, operation: Operation) -> Json:
    for measure in _MEASURES:
        cutter = _Cutter(measure)
        if fits := _if_it_fits(cutter.cut(answer), cutter, operation):
            return fits
    return told({"id": answer.get("id"), "cut": _note(operation)})


def _if_it_fits(answer: Json, cutter: _Cutter, operation: Operation) -> Json | None:
    if cutter.has_cut:
        answer = {**answer, "cut": _note(operation)}
    result = told(answer)
    return result if size_of(result) <= MOST_BYTES else None


def size_of(result: Json) -> int:
    """The size of a result, in bytes of JSON."""
    return len(orjson.dumps(result))


def brief(record: Json) -> Json:
    """A record in so few words that one can see which it is."""
    cutter = _Cutter(Measure(60, 5, 40))
    kept = {key: each for key, each in record.items() if each not in (None, [], {})}
    shown: Json = cutter.cut(kept)
    return shown


def _note(operation: Operation) -> str:
    """The note in a result that was cut."""
    if operation.route.makes_figures:
        return "Groups were cut. Ask for fewer: by `limit`, `having` or fewer measures."
    collection = operation.route.collection_path
    more = "The get tool of a record shows more of it, and " * operation.route.is_search
    way = f"GET {collection}/{{id}} of the REST API gives all."
    warning = "Never write back a text or a list that was cut: the rest would be lost."
    return f"Long texts and lists were cut. {more}{way} {warning}"


def bad_result(
    error: ProblemError, operation: Operation | None, base: str, trace_id: str
) -> Json:
    """A problem as a result, with advice for the assistant.

    Args:
        error: The problem.
        operation: The called operation; None if it is unknown.
        base: The beginning of the type URIs of problems.
        trace_id: The trace id of the call in the logs.
    """
    problem = document(error, base, "/mcp", trace_id)
    if faults := problem.get("errors"):
        problem["errors"] = faults[:MOST_FAULTS]
    if (free := problem.pop("next", None)) is not None:  # `next` is the advice here
        problem["free"] = free
    cutter = _Cutter(Measure(500, MOST_FAULTS, 40))
    shown = cutter.cut({**problem, "next": advice_on(error, operation)})
    return {**told(shown), "isError": True}


def told(structure: Mapping[str, Any]) -> Json:
    """A result that tells a structure, also as text."""
    text = orjson.dumps(structure)
    return {
        "content": [{"type": "text", "text": text.decode()}],
        "structuredContent": orjson.Fragment(text),
    }
