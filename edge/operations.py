"""One operation of the API: a route with its codec, compiled once at start."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import orjson
from google.protobuf.message_factory import GetMessageClass

from edge.limits.rate_limit import Budget
from edge.transcoder.batch_body import METHODS, Batch, Target, Targets
from edge.transcoder.decode import Decode, body_shape, compile_decoder
from edge.transcoder.encode import Encode, compile_encoder
from edge.transcoder.expansions import EXPANDED, MISSING, compile_expanding
from edge.transcoder.routes import JOB, Route
from edge.transcoder.shapes import MessageShape
from edge.transcoder.write import Write, compile_writer

# Fills in what only the edge knows, before the answer is written.
Finish = Callable[[Any, Budget], None]


@dataclass(frozen=True, slots=True)
class OtherForm:
    """Another form of an answer, for clients whose `Accept` prefers its media type.

    `suffix` is what its ETag ends with: it changes with that of the usual form.
    """

    media_type: str
    suffix: str
    write: Write


@dataclass(frozen=True, slots=True)
class MadeForm:
    """A form of an answer that takes time to make, for clients that choose it.

    `check` raises `ProblemError` where it cannot be made. `headers` go with it.
    """

    media_type: str
    make: Callable[[Any], Awaitable[bytes]]
    check: Callable[[], None]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """A route with its compiled codec; `shape` is None where no body is taken.

    `name` is the method's, e.g. `GetContact`, which no two services share.

    An answer is written at once, or encoded first where an older contract is to
    transform it. `other_form` is what clients may have instead, None where that is
    nothing. `forms` are further ones. `write_job` writes the job that an
    answer may hold. `write_expanded` writes an answer whose `beyond` say that there is
    more to it than its fields. `batch` is how a batch takes its operations, None for
    all that is no batch.
    """

    name: str
    route: Route
    shape: MessageShape | None
    decode: Decode
    encode: Encode
    write: Write
    finish: Finish | None
    other_form: OtherForm | None = None
    forms: tuple[MadeForm, ...] = ()
    write_job: Write | None = None
    write_expanded: Write | None = None
    beyond: tuple[str, ...] = ()
    batch: Batch | None = None

    @property
    def is_negotiated(self) -> bool:
        """Whether `Accept` decides which form the answer has."""
        return self.other_form is not None or bool(self.forms)

    def writer(self, message: Any) -> Write:
        """What writes an answer."""
        for name in self.beyond:
            if getattr(message, name) and self.write_expanded is not None:
                return self.write_expanded
        return self.write

    def as_dict(self, message: Any) -> dict[str, Any]:
        """An answer as JSON's values."""
        if self.writer(message) is self.write:
            return self.encode(message)
        found: dict[str, Any] = orjson.loads(self.writer(message)(message))
        return found


def compile_operation(
    route: Route,
    finish: Finish | None = None,
    other_form: OtherForm | None = None,
    forms: Mapping[str, MadeForm] = MappingProxyType({}),
) -> Operation:
    """Compiles a route's codec. Once for each, at start."""
    shape = body_shape(route)
    answer: Any = route.response_class.DESCRIPTOR
    encode = compile_encoder(answer)
    return Operation(
        name=route.rpc.rpartition("/")[2],
        route=route,
        shape=shape,
        decode=compile_decoder(route, shape),
        encode=encode,
        write=compile_writer(route.response_class, encode),
        finish=finish,
        other_form=other_form,
        forms=tuple(forms[each] for each in route.other_forms if each in forms),
        write_job=_job_writer(route) if route.begins_job else None,
        write_expanded=compile_expanding(route.response_class),
        beyond=tuple(e for e in (EXPANDED, MISSING) if e in answer.fields_by_name),
    )


def _job_writer(route: Route) -> Write:
    answer: Any = route.response_class.DESCRIPTOR
    job: Any = answer.fields_by_name[JOB].message_type
    return compile_writer(GetMessageClass(job), compile_encoder(job))


def with_batches(
    operations: Sequence[Operation], base: str, encode: Encode, write: Write
) -> tuple[Operation, ...]:
    """The operations, those that are batches with what they take.

    `base` is what the type URIs of problems begin with; `encode` and `write` make the
    JSON of a batch's answer.
    """
    targets = _targets(operations)
    return tuple(
        replace(
            each,
            encode=encode,
            write=write,
            batch=Batch(targets, _resource(each.route, targets), base),
        )
        if each.route.is_batch
        else each
        for each in operations
    )


def _targets(operations: Iterable[Operation]) -> Targets:
    """The operations that batches may hold: standard ones of records with batches."""
    found: dict[str, dict[str, Target]] = {}
    batches = [each.route for each in operations if each.route.is_batch]
    services = {_service(each): each.collection for each in batches if each.of_records}
    for each in operations:
        service, _, name = each.route.rpc.rpartition("/")
        record = service.rpartition(".")[2].removesuffix("Service")
        verb = name.removesuffix(record).lower()
        if service in services and name.endswith(record) and verb in METHODS:
            found.setdefault(services[service], {})[verb] = _target(each)
    return found


def _service(route: Route) -> str:
    return route.rpc.rpartition("/")[0]


def _resource(route: Route, targets: Targets) -> str:
    return route.collection if route.of_records else ""


def _target(operation: Operation) -> Target:
    """An operation as one of a batch; an upsert's answer holds its record."""
    answer: Any = operation.route.response_class.DESCRIPTOR
    write, encode, holder = operation.write, operation.encode, ""
    if operation.name.startswith("Upsert"):
        holder = "data"
        record: Any = answer.fields_by_name[holder].message_type
        encode = compile_encoder(record)
        write = compile_writer(GetMessageClass(record), encode)
    route = operation.route
    return Target(route, operation.shape, operation.decode, write, encode, holder)
