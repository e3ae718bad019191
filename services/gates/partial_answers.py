"""Limits the answer of a write for a caller who may not read the resource.

A record in such an answer holds only its id, its times and the fields that the request
wrote; `answered_fields` names them. The whole answer is stored for a replay, and each
replay is limited for its own caller. The descriptors say which methods answer with a
record, and in which field. If this module could not limit a method, the services do not
start.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from prospectconnect.options.v1 import options_pb2

from services.caller import current_call
from services.gates.request_checks import Context, Proceed
from services.kinds import masks
from services.kinds.descriptors import record_type
from services.kinds.field_rules import lowered
from services.kinds.matching import ID, has_value, match_of
from services.kinds.methods import Method
from services.kinds.own_fields import NO_FIELDS
from services.kinds.record_type import ANSWERED_FIELDS, FieldType, RecordType
from services.kinds.sensitive import fields_of
from services.roles import RESOURCES

ALWAYS = ("id", "created_at", "updated_at")
# Over HTTP the version is a header, which clients need for `If-Match`.
_ETAG = "etag"
# The caller always learns which job its request began.
JOB = "job"
_CUSTOM_FIELDS = "custom_fields"
# What an action's request says of the record that it is about.
_ONLY_NAMED = ("id", "object", _ETAG)

# The paths of a record that a request wrote, given the request and the record.
Written = Callable[[Any, Any], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Held:
    """Where an answer holds its record: the field's name, "" if the answer is it."""

    field: str
    resource: str
    record: type[Message]

    @property
    def name(self) -> str:
        """The name of the field in which a request holds such a record."""
        policy = self.record.DESCRIPTOR.GetOptions().Extensions[options_pb2.record]
        return policy.resource


def answer_in_part(method: Method, proceed: Proceed) -> Proceed:
    """Limits the answers of a method that writes, for callers who may not read."""
    held = held_by(method)
    if held is None:
        return proceed
    reading, written = f"{held.resource}.read", _written(method, held)

    async def answered(request: Any, context: Context) -> Message:
        answer, caller = await proceed(request, context), current_call().caller
        if reading in caller.scope_permissions and reading in caller.role_permissions:
            return answer
        return _limited(answer, held, request, written)

    return answered


def held_by(method: Method) -> Held | None:
    """Returns the record in a method's answers that some callers may not read.

    None if the method itself needs the permission to read it, or if no record in the
    answer needs a permission. Raises ValueError if the answer could not be limited.
    """
    answer: Any = method.response.DESCRIPTOR  # protobuf has two descriptor types
    resource, _, action = method.permission.partition(".")
    guarded = [
        (path, descriptor, _resource(descriptor))
        for path, descriptor in records_in(answer, (), ())
        if _resource(descriptor) in RESOURCES
    ]
    if not guarded:
        return None
    if action == "read" and all(each[2] == resource for each in guarded):
        return None
    (path, descriptor, held), *others = guarded
    if others or held != resource or action == "read" or not _is_limited(descriptor):
        raise ValueError(f"{method.name} would answer with records that none may read")
    if len(path) > 1 or "[]" in path:
        raise ValueError(f"{method.name} holds its record where no part can be made")
    return Held("".join(path), held, GetMessageClass(descriptor))


def records_in(
    message: Descriptor, path: tuple[str, ...], around: tuple[Descriptor, ...]
) -> Iterator[tuple[tuple[str, ...], Descriptor]]:
    """Yields the records in a message with their paths; "[]" stands for a list."""
    if message.GetOptions().HasExtension(options_pb2.record):
        yield path, message
    for item in message.fields:
        nested = item.message_type
        if nested is not None and nested not in around:
            more = (item.name, "[]") if item.is_repeated else (item.name,)
            yield from records_in(nested, (*path, *more), (*around, message))


def _resource(record: Descriptor) -> str:
    policy = record.GetOptions().Extensions[options_pb2.record]
    return policy.permission_resource or policy.resource


def _is_limited(record: Descriptor) -> bool:
    return ANSWERED_FIELDS in record.fields_by_name


def _limited(answer: Any, held: Held, request: Any, written: Written) -> Message:
    """Returns a copy of an answer with a limited record."""
    record = getattr(answer, held.field) if held.field else answer
    paths = written(request, record)
    part: Any = held.record()
    masks.write(part, record, (*ALWAYS, _ETAG, *paths))
    if JOB in record.DESCRIPTOR.fields_by_name and record.HasField(JOB):
        getattr(part, JOB).CopyFrom(getattr(record, JOB))
    _keep_named(part, request)
    _keep_written_keys(part, getattr(request, held.name, None))
    names = [path.partition(".")[0] for path in paths]
    for name in _shown_once(record):
        setattr(part, name, getattr(record, name))
        names.append(name)
    part.answered_fields.extend(dict.fromkeys((*ALWAYS, *names)))
    if not held.field:
        return part  # type: ignore[no-any-return]  # of any kind
    limited = type(answer)()
    limited.CopyFrom(answer)
    getattr(limited, held.field).CopyFrom(part)
    return limited  # type: ignore[no-any-return]  # of any method


def _shown_once(record: Any) -> list[str]:
    """The secrets in an answer: nobody could read them later."""
    return [
        item.name
        for item, _ in record.ListFields()
        if item.GetOptions().Extensions[options_pb2.field].shown_once
    ]


def _written(method: Method, held: Held) -> Written:
    """Returns a function that finds the fields which a request of the method wrote."""
    kind = record_type(held.record)
    if method.written is None:
        return lambda request, record: _of_action(kind, request, record)
    if "update_mask" in method.request.DESCRIPTOR.fields_by_name:
        if "match_on" in method.request.DESCRIPTOR.fields_by_name:
            return lambda request, record: _of_upsert(kind, request, record)
        return lambda request, _: masks.written_paths(kind, request)
    return lambda request, _: _given(kind, getattr(request, kind.resource))


def _given(kind: RecordType, message: Any) -> list[str]:
    """The writable fields of a kind that are set in a message."""
    names = (item.name for item, _ in message.ListFields())
    known = kind.by_name
    return [name for name in names if name in known and not known[name].read_only]


def _of_upsert(kind: RecordType, request: Any, record: Any) -> Sequence[str]:
    """The fields that an upsert wrote.

    A survivor that was found by a value which a merged record had keeps its own value,
    and the caller must not learn that one. The record tells it: a replayed answer is
    all that there is of an earlier call.
    """
    paths, match = masks.written_paths(kind, request), match_of(kind, request)
    call, own = current_call(), NO_FIELDS
    if match.field.type is FieldType.CUSTOM and call.schema is not None:
        own = fields_of(call.schema, call.object or kind.table, call.caller)
    if match.field.name == ID or has_value(match, request, record, kind, own):
        return paths
    return [path for path in paths if path != match.path]


def _of_action(kind: RecordType, request: Any, record: Any) -> list[str]:
    """The fields of an action's request that the action wrote.

    An action that changed nothing wrote none. Were a field told because the record has
    the value already, a caller could guess values until one is told. Some of these
    fields only an action writes, like the time of a booking.
    """
    if current_call().changed_nothing:
        return []
    return [
        name
        for name in (item.name for item, _ in request.ListFields())
        if name in kind.by_name
        and name not in _ONLY_NAMED
        and (
            kind.by_name[name].type is FieldType.TAGS
            or getattr(request, name) == getattr(record, name)
        )
    ]


def _keep_named(part: Any, request: Any) -> None:
    """Leaves in the lists of a record what the request named, spelled as it did.

    The record may have had an item before, in a spelling that is not the caller's.
    """
    for item, values in request.ListFields():
        if item.is_repeated and item.name in part.DESCRIPTOR.fields_by_name:
            held = set(map(lowered, getattr(part, item.name)))
            kept = [each for each in values if lowered(each) in held]
            getattr(part, item.name)[:] = kept


def _keep_written_keys(part: Any, given: Any) -> None:
    """Leaves in the custom fields of a record the keys that the request gave.

    A request may write the custom fields as a whole, and formulas are among them.
    """
    if given is None or _CUSTOM_FIELDS not in part.DESCRIPTOR.fields_by_name:
        return
    fields, named = part.custom_fields.fields, given.custom_fields.fields
    for key in [key for key in fields if key not in named]:
        del fields[key]
