"""Masks the sensitive fields of records in answers for callers who do not reach them.

The descriptors say which answers hold records with custom fields, and where, so that no
method can forget it; replayed answers are masked for the caller of the replay. If this
module could not mask a method's answers, the services do not start.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from prospectconnect.options.v1 import options_pb2
from prospectconnect.schema.v1.fields_pb2 import Field

from services.caller import current_call
from services.gates.partial_answers import records_in
from services.gates.request_checks import Context, Interceptor, Proceed
from services.kinds.methods import Method
from services.kinds.own_fields import NO_SCHEMA
from services.kinds.sensitive import MASKED, fields_of, mask, reaches
from services.records.schemas import Schemas

_DEFINITION: Any = Field.DESCRIPTOR

# Finds the records in an answer.
Find = Callable[[Any], Iterable[Any]]


def mask_answers(schemas: Schemas) -> Interceptor:
    """Masks the records in the answers of every method that answers with some."""

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        held = held_by(method)
        if held is None:
            return _hide_expressions(method, proceed)
        table, find = held

        async def masked(request: Any, context: Context) -> Message:
            answer, call = await proceed(request, context), current_call()
            schema, caller = call.schema, call.caller
            if schema is None:
                schema = schemas.known(caller) or await schemas.of(caller)
            if schema is not NO_SCHEMA:
                own = fields_of(schema, call.object or table, caller)
                if own.masked and call.asked is not None:
                    own = call.asked.within(own)
                if own.masked:
                    mask(own, find(answer))
            return answer

        return masked

    return wrap


def _hide_expressions(method: Method, proceed: Proceed) -> Proceed:
    """Takes the expressions of masked formulas out of a method's definitions."""
    answer: Any = method.response.DESCRIPTOR
    paths = [path for path, each in records_in(answer, (), ()) if each == _DEFINITION]
    find = _FINDS.get(paths[0]) if paths else None
    if find is None:
        return proceed

    async def hidden(request: Any, context: Context) -> Message:
        answer, caller = await proceed(request, context), current_call().caller
        for each in find(answer):
            if each.sensitive and not reaches(caller, each.readable_by):
                each.ClearField("expression")
        return answer

    return hidden


def held_by(method: Method) -> tuple[str, Find] | None:
    """The table of the records with custom fields in a method's answers, and where.

    None if there are none. Raises ValueError if they could not be masked.
    """
    answer: Any = method.response.DESCRIPTOR  # protobuf has two descriptor types
    found = [
        (path, descriptor)
        for path, descriptor in records_in(answer, (), ())
        if _has_custom_fields(descriptor)
    ]
    if not found:
        return None
    (path, descriptor), *others = found
    if others or path not in _FINDS or MASKED not in descriptor.fields_by_name:
        raise ValueError(f"{method.name} answers with records that cannot be masked")
    record = descriptor.GetOptions().Extensions[options_pb2.record]
    return record.plural, _FINDS[path]


def _has_custom_fields(record: Descriptor) -> bool:
    options = (
        item.GetOptions().Extensions[options_pb2.field] for item in record.fields
    )
    return any(each.custom_fields for each in options)


def _itself(answer: Any) -> Iterable[Any]:
    return (answer,)


def _one(answer: Any) -> Iterable[Any]:
    return (answer.data,)


def _several(answer: Any) -> Iterable[Any]:
    found: Iterable[Any] = answer.data
    return found


def _each_held(answer: Any) -> Iterable[Any]:
    return (each.record for each in answer.data)


def _each_grouped(answer: Any) -> Iterable[Any]:
    return (record for each in answer.data for record in each.records)


_FINDS: Mapping[tuple[str, ...], Find] = {
    (): _itself,
    ("data",): _one,
    ("data", "[]"): _several,
    ("data", "[]", "record"): _each_held,
    ("data", "[]", "records", "[]"): _each_grouped,
}
