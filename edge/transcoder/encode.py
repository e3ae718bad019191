"""Message to JSON: one function per message, generated as Python source at start.

Generated code is three to four times as fast as closures over a field list, and
encoding takes most of a search's time at the edge. The generated code looks like this:

    def encode_prospectconnect_type_v1_PageMeta(m):
        has = m.HasField
        d = {
            'cursor': encode_..._PageCursor(m.cursor) if has('cursor') else None,
        }
        if has('total'): d['total'] = v if (v := m.total) or has('total') else None
        return d

A message whose `answered_fields` are set is a partial answer. Its other fields are left
out: the caller may not read them, so they must not look unset.
"""

from collections.abc import Callable
from functools import cache
from keyword import iskeyword
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from prospectconnect.options.v1 import options_pb2

from edge.transcoder.figures import FIGURE_ROW, write_figure_row
from edge.transcoder.formats import write_date, write_decimal, write_timestamp
from edge.transcoder.open_values import write_struct, write_value
from edge.transcoder.shapes import enum_names

Encode = Callable[[Message], dict[str, Any]]

# Names the fields in a partial answer; it is not in public JSON.
ANSWERED_FIELDS = "answered_fields"

_SCALARS = {
    FieldDescriptor.TYPE_STRING,
    FieldDescriptor.TYPE_BOOL,
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_DOUBLE,
}

_WRITERS: dict[str, Callable[[Any], Any]] = {
    "google.protobuf.Timestamp": write_timestamp,
    "google.protobuf.Struct": write_struct,
    "google.protobuf.Value": write_value,
    "google.type.Date": write_date,
    "google.type.Decimal": write_decimal,
    FIGURE_ROW: write_figure_row,
}


@cache  # many operations answer with the same messages
def compile_encoder(descriptor: Descriptor) -> Encode:
    """Compiles the function message -> dict, for orjson, of a message.

    Raises:
        ValueError: A field has a type that public JSON cannot express.
    """
    names: dict[str, Any] = {}
    _define(descriptor, names)
    encode: Encode = names[_function(descriptor)]
    return encode


def _function(descriptor: Descriptor) -> str:
    return "encode_" + descriptor.full_name.replace(".", "_")


def _define(descriptor: Descriptor, names: dict[str, Any]) -> None:
    """Defines in `names` the functions of a message and of the messages within it."""
    function = _function(descriptor)
    if function in names:
        return
    names[function] = None  # reserved: a message may contain itself
    always, if_set, in_part = [], [], list[tuple[str, str]]()
    for field in descriptor.fields:
        policy = field.GetOptions().Extensions[options_pb2.field]
        if policy.internal:
            continue
        value = _expression(field, names)
        if is_in_part(field):
            in_part.append((field.name, value))
        elif policy.omit_unset:
            is_set = f"m.{field.name}" if field.is_repeated else f"has({field.name!r})"
            if is_told_empty(field) and ANSWERED_FIELDS in descriptor.fields_by_name:
                is_set += f" or {field.name!r} in m.{ANSWERED_FIELDS}"
            if_set.append(f"    if {is_set}: d[{field.name!r}] = {value}")
        else:
            always.append(f"        {field.name!r}: {value},")
    lines = [
        f"def {function}(m):",
        "    has = m.HasField",
        "    d = {",
        *always,
        "    }",
        *if_set,
        *_of_part(descriptor, in_part),
        "    return d",
    ]
    exec("\n".join(lines), names)  # noqa: S102  # made of descriptors, not of input


def is_in_part(field: FieldDescriptor) -> bool:
    """Whether only answers have the field that name theirs in `answered_fields`.

    All other answers are written without a look at it.
    """
    policy = field.GetOptions().Extensions[options_pb2.field]
    is_usual = field.is_repeated or policy.shown_once
    return policy.unstored and policy.omit_unset and not is_usual


def is_told_empty(field: FieldDescriptor) -> bool:
    """Whether a list is left out where it is empty, unless `answered_fields` names it.

    Who asks for the list alone learns that there is nothing in it.
    """
    policy = field.GetOptions().Extensions[options_pb2.field]
    return bool(field.is_repeated and policy.omit_unset and not policy.unstored)


def _of_part(descriptor: Descriptor, in_part: list[tuple[str, str]]) -> list[str]:
    """The lines that leave out the fields that are not in a partial answer.

    `in_part` are the names and expressions of what is in no other answer.
    """
    told = f"m.{ANSWERED_FIELDS}"
    if ANSWERED_FIELDS not in descriptor.fields_by_name:
        return [f"    if has({n!r}): d[{n!r}] = {value}" for n, value in in_part]
    return [
        f"    if {told}:",
        *(
            f"        if {name!r} in {told} and has({name!r}): d[{name!r}] = {value}"
            for name, value in in_part
        ),
        f"        return {{k: d[k] for k in d if k in {told}}}",
    ]


def _expression(field: FieldDescriptor, names: dict[str, Any]) -> str:
    """The Python expression for a field's JSON value, given the message `m`."""
    value, name = _attribute(field), field.name
    if field.is_repeated:
        return _repeated(field, names)
    if field.enum_type is not None:
        return f"{_writer(field, names)}({value})"  # an unset enum has no name
    if field.message_type is None:
        _writer(field, names)
        if not field.has_presence:
            return value
        return f"v if (v := {value}) or has({name!r}) else None"
    writer = _writer(field, names)
    if field.message_type.full_name == "google.protobuf.Struct":
        # One that says `optional` can be null; a record's fields are `{}` when unset.
        unset = "{}" if field.containing_oneof is None else "None"
        return f"{writer}({value}) if has({name!r}) else {unset}"
    return f"{writer}({value}) if has({name!r}) else None"


def _attribute(field: FieldDescriptor) -> str:
    """Reads a field; `getattr` for a name that is a Python keyword, such as `not`."""
    name = field.name
    return f"getattr(m, {name!r})" if iskeyword(name) else f"m.{name}"


def _repeated(field: FieldDescriptor, names: dict[str, Any]) -> str:
    value = _attribute(field)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        entry = field.message_type.fields_by_name["value"]
        if entry.type not in _SCALARS:
            raise ValueError(f"{field.full_name}: public JSON has no form for this map")
        return f"{{k: {value}[k] for k in sorted({value})}}"
    writer = _writer(field, names)
    if not writer:
        return f"{value}[:]"  # a slice is a list, at half the cost of list()
    return f"[{writer}(v) for v in {value}]"


def _writer(field: FieldDescriptor, names: dict[str, Any]) -> str:
    """The name of the function that writes one value; "" if none is needed."""
    if field.enum_type is not None:
        writer = "name_" + field.enum_type.full_name.replace(".", "_")
        names[writer] = enum_names(field.enum_type).get
        return writer
    if field.message_type is None:
        if field.type not in _SCALARS:
            raise ValueError(
                f"{field.full_name}: public JSON has no form for this type"
            )
        return ""
    known = _WRITERS.get(field.message_type.full_name)
    if known is not None:
        names[known.__name__] = known
        return known.__name__
    _define(field.message_type, names)
    return _function(field.message_type)
