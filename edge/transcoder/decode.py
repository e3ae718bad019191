"""JSON to message, compiled per route at start.

Decoding tracks no field paths and stops at the first value that it cannot read
(`Unreadable`). `faults` then finds all faults of the body.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from edge.transcoder.formats import Unreadable, exact_text, no_field
from edge.transcoder.routes import Route
from edge.transcoder.shapes import FieldShape, MessageShape, Read, shape_of

# The most levels of nested containers, the body included. Each level takes three
# levels of messages, and protobuf refuses a hundred of those.
MAX_DEPTH = 16

# A reader returns it for a null that leaves its field unset.
_UNSET = object()

Values = dict[str, Any]
Decode = Callable[[Any, Mapping[str, str]], Message]


def body_shape(route: Route) -> MessageShape | None:
    """The shape of a route's body, or None for a route without a body."""
    request: Any = route.request_class.DESCRIPTOR
    if not route.body_field:
        return None
    if route.body_field == "*":
        return shape_of(request, frozenset(route.path_parameters), route.accepts)
    record = request.fields_by_name[route.body_field].message_type
    updates = route.http_method == "PATCH"
    shape = shape_of(record, frozenset(), route.accepts, updates)
    if route.beside:
        others = frozenset(request.fields_by_name) - route.beside
        shape.fields.update(shape_of(request, others).fields)
    return shape


def compile_decoder(route: Route, shape: MessageShape | None) -> Decode:
    """Compiles the function (body, path values) -> request message of a route.

    The body is what `json_body` made: a dict whose values hold no floats.

    Raises (the function, not this one):
        Unreadable: The body does not fit. `faults.find_faults` finds where.
    """
    request_class = route.request_class
    if shape is None:
        return lambda body, path_values: request_class(**path_values)
    read = _compile(shape, null_clears=route.body_field != "*")
    if route.body_field == "*":
        lists = [each for each in shape.fields.values() if each.given_in]
        if lists:
            read = _telling_empty(read, lists)
        return lambda body, path_values: request_class(**path_values, **read(body))
    return _record_decoder(route, shape, read)


def _telling_empty(
    read: Callable[[Any], Values], lists: Sequence[FieldShape]
) -> Callable[[Any], Values]:
    """Reads a body, and tells which lists were given although they are empty.

    A message does not tell those from lists that were not given.
    """
    places = [(each.name, each.given_in) for each in lists]

    def read_body(body: Any) -> Values:
        values = read(body)
        for name, given_in in places:
            if values.get(name) == []:
                values[given_in] = True
        return values

    return read_body


def _record_decoder(
    route: Route, shape: MessageShape, read: Callable[[Any], Values]
) -> Decode:
    request_class, record_class = route.request_class, shape.message_class
    body_field, has_mask = route.body_field, route.has_update_mask
    beside, not_written = route.beside, route.accepts | route.beside
    structs = frozenset(name for name, each in shape.fields.items() if each.struct)
    absent: Values = {} if has_mask else _when_absent(shape)

    def decode(body: Any, path_values: Mapping[str, str]) -> Message:
        values = read(body)
        if absent:
            values = absent | values
        others = {name: values.pop(name) for name in beside & values.keys()}
        request: Values = {**path_values, **others, body_field: record_class(**values)}
        if has_mask:
            paths = _mask(body, structs, not_written)
            request["update_mask"] = FieldMask(paths=paths)
            _drop_nulls(request[body_field], structs & body.keys())
        return request_class(**request)

    return decode


def _when_absent(shape: MessageShape) -> Values:
    """What a create gives for booleans that are true unless a body says otherwise."""
    given = ((n, each.null_is) for n, each in shape.fields.items() if not each.refusal)
    return {name: value for name, value in given if value is not None}


def _mask(
    body: dict[str, Any], structs: frozenset[str], not_written: frozenset[str]
) -> list[str]:
    """The paths that a body writes: its keys, and for a struct each of its keys.

    Read-only fields that the method accepts are not in the mask: they identify the
    record.
    """
    paths: list[str] = []
    for name, value in body.items():
        if name in structs and value is not None:
            paths.extend(f"{name}.{key}" for key in value)
        elif name not in not_written:
            paths.append(name)
    return paths


def _drop_nulls(record: Message, structs: frozenset[str]) -> None:
    """Removes nulls from a record's structs: they are in the mask only.

    A struct that becomes empty is removed too: without a mask it would be written.
    """
    for name in structs:
        fields = getattr(record, name).fields
        for key in [key for key in fields if fields[key].HasField("null_value")]:
            del fields[key]
        if not fields:
            record.ClearField(name)


def deeper_than(value: object, levels: int) -> bool:
    """Whether containers nest more than `levels` deep in a JSON value."""
    if type(value) is dict:
        items: Any = value.values()
    elif type(value) is list:
        items = value
    else:
        return False
    if levels == 0:
        return True
    for item in items:
        kind = type(item)
        if (kind is dict or kind is list) and deeper_than(item, levels - 1):
            return True
    return False


def _compile(shape: MessageShape, null_clears: bool) -> Callable[[Any], Values]:
    read = _message_reader(shape, null_clears, {})

    def read_body(body: Any) -> Values:
        if deeper_than(body, MAX_DEPTH):
            raise Unreadable("invalid", "Nests too deeply.")
        return read(body)

    return read_body


Readers = dict[str, Read]


def _message_reader(
    shape: MessageShape, null_clears: bool, known: dict[int, Readers]
) -> Callable[[object], Values]:
    """Compiles JSON object -> keyword arguments for the message's class."""
    readers = known.get(id(shape))
    if readers is None:
        readers = known[id(shape)] = {}
        for name, each in shape.fields.items():
            readers[name] = _field_reader(each, null_clears, known)

    def read(body: object) -> Values:
        if type(body) is not dict:
            raise Unreadable("invalid_type", "Give an object.")
        values: Values = {}
        try:
            for name, value in body.items():
                item = readers[name](value)
                if item is not _UNSET:
                    values[name] = item
        except KeyError:
            raise Unreadable("unknown_field", no_field(name)) from None
        return values

    return read


def _field_reader(
    field: FieldShape, null_clears: bool, known: dict[int, Readers]
) -> Read:
    if field.refusal:
        return _refuse
    one = field.takes
    if isinstance(one, MessageShape):
        one = _nested(one, null_clears, known)
    if field.text and not field.repeated:
        return _text if null_clears else _or_unset(one)
    if field.null_is is not None:
        return _or_default(one, field.null_is)
    return _or_unset(_list_of(one) if field.repeated else one)


def _nested(shape: MessageShape, null_clears: bool, known: dict[int, Readers]) -> Read:
    message_class = shape.message_class
    read = _message_reader(shape, null_clears, known)
    exact = [each for each in shape.fields.values() if each.exact_in]
    if exact:
        return _with_exact_numbers(message_class, read, exact)
    return lambda value: message_class(**read(value))


def _with_exact_numbers(
    message_class: type[Message],
    read: Callable[[object], Values],
    fields: Sequence[FieldShape],
) -> Read:
    """Reads a message, and keeps the digits of its values that a double would lose."""
    places = [(each.name, each.exact_in, each.repeated) for each in fields]

    def read_message(body: Any) -> Message:
        values = read(body)
        for name, exact_in, repeated in places:
            if name not in values:
                continue
            value = body[name]
            if repeated and Decimal in map(type, value):
                values[exact_in] = _exact_texts(value)
            elif type(value) is Decimal:
                values[exact_in] = exact_text(value) or None
        return message_class(**values)

    return read_message


def _exact_texts(values: list[Any]) -> list[str] | None:
    texts = [exact_text(each) if type(each) is Decimal else "" for each in values]
    return texts if any(texts) else None


def _refuse(value: object) -> Any:
    raise Unreadable("read_only", "The field is read-only.")


def _text(value: object) -> str:
    """Reads a string. Null becomes a present, empty text, and so clears the field."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    raise Unreadable("invalid_type", "Give a string.")


def _or_unset(read: Read) -> Read:
    return lambda value: _UNSET if value is None else read(value)


def _or_default(read: Read, default: bool) -> Read:
    return lambda value: default if value is None else read(value)


def _list_of(read: Read) -> Read:
    def read_list(value: object) -> list[Any]:
        if type(value) is not list:
            raise Unreadable("invalid_type", "Give an array.")
        if None in value:
            raise Unreadable("invalid_type", "Give a value instead of null.")
        return [read(item) for item in value]

    return read_list
