"""The body of a batch: its operations as the requests of their own methods.

A fault in an operation is that operation's; only a fault of the batch itself refuses
the whole body. Paths of faults are relative to the body: `operations[1].body.email`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from edge.problems import Fault, validation_failed
from edge.transcoder.decode import Decode
from edge.transcoder.encode import Encode
from edge.transcoder.faults import find_faults
from edge.transcoder.formats import Unreadable, no_field
from edge.transcoder.routes import Route
from edge.transcoder.shapes import MessageShape
from edge.transcoder.write import Write

MOST = 200
_LONGEST = 64

_BODIES, _IDS = ("create", "update", "upsert"), ("update", "delete", "restore", "get")
METHODS = ("create", "update", "upsert", "delete", "restore", "get")


@dataclass(frozen=True, slots=True)
class Target:
    """An operation of the API that operations of a batch may stand for.

    `write` and `encode` make the JSON of the record that it answers with; `holder` is
    the field of the answer that holds it, "" if the answer is the record.
    """

    route: Route
    shape: MessageShape | None
    decode: Decode
    write: Write
    encode: Encode
    holder: str


# By the name of the resource, then by that of the method.
Targets = Mapping[str, Mapping[str, Target]]


@dataclass(frozen=True, slots=True)
class Batch:
    """How a route takes batches. `resource` is that of its path, "" if it names none.

    `base` is what the type URIs of problems begin with.
    """

    targets: Targets
    resource: str
    base: str


@dataclass(slots=True)
class Given:
    """One operation as it was given, and its faults, with their whole paths."""

    index: int
    target: Target | None = None
    request: Message | None = None
    path_values: dict[str, str] = field(default_factory=dict)
    ref: str = ""
    if_match: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def at(self) -> str:
        """The path of the operation."""
        return f"operations[{self.index}]"

    def fault(self, name: str, code: str, message: str) -> None:
        """Adds a fault of one member."""
        self.faults.append(Fault(f"{self.at}.{name}", code, message))

    def path_of(self, path: str) -> str:
        """The path of a fault, given that in the request of the operation's method."""
        held = self.target.route.body_field if self.target is not None else ""
        if held and path in (held, ""):
            return f"{self.at}.body"
        if not path:
            return self.at
        if path in self.path_values:
            return f"{self.at}.{path}"
        return f"{self.at}.body.{path.removeprefix(f'{held}.')}"


def read_batch(body: Any) -> tuple[bool, list[Any]]:
    """Whether a batch is atomic, and its operations as they were given.

    Raises:
        ProblemError: VALIDATION_FAILED for faults of the batch itself.
    """
    if type(body) is not dict:
        fault = Fault("body", "invalid_type", "The body must be a JSON object.")
        raise validation_failed([fault])
    faults = [
        Fault(name[:100], "unknown_field", no_field(name))
        for name in body
        if name not in ("atomic", "operations")
    ]
    atomic, operations = body.get("atomic"), body.get("operations")
    if atomic not in (None, True, False) or type(atomic) is int:
        faults.append(Fault("atomic", "invalid_type", "Give true or false."))
    if operations in (None, []):
        faults.append(Fault("operations", "required", "Give operations."))
    elif type(operations) is not list:
        faults.append(Fault("operations", "invalid_type", "Give an array."))
    elif len(operations) > MOST:
        message = f"Give no more than {MOST} operations."
        faults.append(Fault("operations", "too_many", message))
    if faults:
        raise validation_failed(faults)
    return bool(atomic), operations  # type: ignore[return-value]  # by its faults


def read_operation(
    batch: Batch, index: int, item: Any, path_values: Mapping[str, str]
) -> Given:
    """Reads the members of one operation, all but the body."""
    given = Given(index)
    if type(item) is not dict:
        given.faults.append(Fault(given.at, "invalid_type", "Give an object."))
        return given
    members = _Members(given, item)
    resource = batch.resource or members.choice("resource", tuple(batch.targets))
    target = None
    if resource:
        known = batch.targets[resource]
        name = members.choice("method", tuple(m for m in METHODS if m in known))
        target = known.get(name)
    else:
        members.choice("method", METHODS)
    given.ref = members.text("ref", _LONGEST)
    given.target = target
    if target is not None:
        _read_places(batch, given, members, path_values)
    members.refuse_others()
    return given


def _read_places(
    batch: Batch, given: Given, members: "_Members", path_values: Mapping[str, str]
) -> None:
    """Reads the members that depend on what the operation does."""
    target = given.target
    assert target is not None  # noqa: S101 - the caller has looked
    for name in target.route.path_parameters:
        if batch.resource and name in path_values:
            given.path_values[name] = path_values[name]
        else:
            given.path_values[name] = members.text(name, _LONGEST, needed=True)
    if target.route.has_etag and "if_match" in members.left:
        tag = members.text("if_match", 1024)
        given.if_match = [tag] if tag else []


class _Members:
    """The members of an operation; `left` are those that nobody has read."""

    def __init__(self, given: Given, item: dict[str, Any]) -> None:
        self._given = given
        self.left = dict(item)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Reads a name that must be one of several. Empty if it is not."""
        value = self.left.pop(name, None)
        if value is None:
            self._given.fault(name, "required", f"Give {name}; it is required.")
        elif type(value) is not str:
            message = f"Give a string, one of: {', '.join(choices)}."
            self._given.fault(name, "invalid_type", message)
        elif value not in choices:
            message = f"Give one of {', '.join(choices)}."
            self._given.fault(name, "invalid_choice", message)
        else:
            return value
        return ""

    def text(self, name: str, longest: int, *, needed: bool = False) -> str:
        """Reads a text. Empty if there is none, or none that can be read."""
        value = self.left.pop(name, None)
        if value in (None, ""):
            if needed:
                self._given.fault(name, "required", f"Give {name}; it is required.")
        elif type(value) is not str:
            self._given.fault(name, "invalid_type", "Give a string.")
        elif len(value) > longest:
            message = f"Give at most {longest} characters."
            self._given.fault(name, "too_long", message)
        else:
            return value
        return ""

    def refuse_others(self) -> None:
        """Adds a fault for each member that the operation does not take.

        `body` is read by `read_body`.
        """
        target = self._given.target
        takes_body = target is None or _holds_record(target.route)
        for name, value in self.left.items():
            if name == "body" and takes_body:
                continue
            if name in ("body", "id", "object", "if_match") and (
                value is None or target is None
            ):
                continue
            known = name in ("body", "id", "object", "if_match")
            leave_out = f"Leave out {name[:100]}: this operation does not take it."
            message = leave_out if known else no_field(name)
            code = "invalid" if known else "unknown_field"
            self._given.fault(name[:100], code, message)


def _holds_record(route: Route) -> bool:
    """Whether the body of an operation is a record."""
    return route.body_field not in ("", "*")


def read_body(given: Given, body: Any) -> list[str]:
    """Reads the body of an operation into its request.

    Returns the paths in the request that could not be read.
    """
    target = given.target
    if target is None:
        return []
    if not _holds_record(target.route):
        body = {} if target.route.body_field else None
    elif type(body) is not dict:
        if body is None:
            given.fault("body", "required", "Give body; it is required.")
        else:
            given.fault("body", "invalid_type", "Give an object.")
        return []
    try:
        given.request = target.decode(body, given.path_values)
    except Unreadable as refusal:
        return _read_rest(given, target, body, refusal)
    return []


def _read_rest(
    given: Given, target: Target, body: Any, refusal: Unreadable
) -> list[str]:
    """Reads what can be read, and adds the faults of the rest."""
    if target.shape is None:
        given.fault("body", refusal.code, refusal.message)
        return []
    findings, route = find_faults(target.shape, body), target.route
    found = findings.faults or [Fault("", refusal.code, refusal.message)]
    for each in found:
        at = f"body.{each.field}" if each.field else "body"
        given.fault(at, each.code, each.message)
    try:
        given.request = target.decode(findings.body, given.path_values)
    except Unreadable:
        return []
    prefix = f"{route.body_field}." if route.body_field != "*" else ""
    return [
        each.field if each.field in route.beside else prefix + each.field
        for each in found
        if each.code != "unknown_field"
    ]
