"""The forms that define a field and change it. They work without a script."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import Value
from google.type.decimal_pb2 import Decimal
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import fields_pb2
from prospectconnect.schema.v1 import own_schema_pb2 as pb
from sanic import HTTPResponse

from edge.account.schema import field_in, fields_of, name_of
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.problems import Fault, ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_TEXTS = ("label", "description", "group", "expression")
_NUMBERS = ("position", "decimals", "max_length")
_DECIMALS = ("min", "max")
FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "required": "Every new record needs a value",
        "unique": "No two records have the same value",
        "searchable": "Searches by words look through it",
        "sensitive": "Only some roles read it",
    }
)
# What a form changes; the rest of a definition never changes.
_CHANGED = (
    *(*_TEXTS, *_NUMBERS, *_DECIMALS, *FLAGS),
    *("readable_by", "options", "default_value"),
)
_READER = "reader."
_LARGEST = 2**31 - 1
_TYPES = {
    name.removeprefix("FIELD_TYPE_").lower(): number
    for name, number in reversed(fields_pb2.FieldType.items())
    if number
}
_EXISTING = {
    "refuse": fields_pb2.EXISTING_VALUES_REFUSE,
    "convert": fields_pb2.EXISTING_VALUES_CONVERT,
    "clear": fields_pb2.EXISTING_VALUES_CLEAR,
}


async def show_new(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form for a new field."""
    return await _form(edge, visit, who)


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form that changes a field."""
    return await _form(edge, visit, who)


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Defines the field, or shows the form again with its faults."""
    given, faults = visit.parameters, list[Fault]()
    field = _read(visit, faults)
    field.object, field.key = visit.path_values["slug"], given.get("key").strip()
    field.type = _TYPES.get(given.get("type"), fields_pb2.FIELD_TYPE_UNSPECIFIED)
    if given.get("target"):
        field.target = given.get("target")
    request = pb.CreateOwnFieldRequest(
        form_token=given.get("form_token"),
        field=field,
        existing=_EXISTING.get(given.get("existing")),
    )
    return await _send(edge, visit, who, request, faults, "defined")


async def update(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Changes the field, or shows the form again with its faults."""
    given, faults = visit.parameters, list[Fault]()
    field = _read(visit, faults, given.get("type"))
    request = pb.UpdateOwnFieldRequest(
        form_token=given.get("form_token"),
        id=visit.path_values["field_id"],
        field=field,
        update_mask=FieldMask(paths=_CHANGED),
        etag=given.get("etag"),
        existing=_EXISTING.get(given.get("existing")),
    )
    return await _send(edge, visit, who, request, faults, "changed")


async def _send(
    edge: Edge, visit: Visit, who: Session, request: Any, faults: list[Fault], done: str
) -> HTTPResponse:
    if faults:
        return await _form(edge, visit, who, faults)
    try:
        await ask(edge, visit, request)
    except ProblemError as problem:
        if problem.kind.status not in (409, 412, 422):
            raise
        found = problem.members.get("errors", ())
        refusal = "" if found else problem.detail
        return await _form(edge, visit, who, found, refusal)
    return see_other(f"{addresses.SCHEMA}/{visit.path_values['slug']}?done={done}")


def _read(visit: Visit, faults: list[Fault], of_type: str = "") -> fields_pb2.Field:
    """The definition in a form."""
    given, field = visit.parameters, fields_pb2.Field()
    for name in _TEXTS:
        if text := given.get(name).strip():
            setattr(field, name, text)
    _read_numbers(visit, field, faults)
    _read_lists(visit, field)
    for name in FLAGS:
        setattr(field, name, given.get(name) == "on")
    if text := given.get("default_value").strip():
        of_type = of_type or given.get("type")
        field.default_value.CopyFrom(_default(text, of_type))
    return field


def _read_numbers(visit: Visit, field: fields_pb2.Field, faults: list[Fault]) -> None:
    given = visit.parameters
    for name in _NUMBERS:
        if text := given.get(name).strip():
            if text.isascii() and text.isdecimal() and int(text[:11]) <= _LARGEST:
                setattr(field, name, int(text))
            else:
                faults.append(Fault(name, "invalid_type", "Give a whole number."))
    for name in _DECIMALS:
        if text := given.get(name).strip():
            try:
                float(text)
            except ValueError:
                faults.append(Fault(name, "invalid_type", "Give a number."))
            getattr(field, name).CopyFrom(Decimal(value=text))


def _read_lists(visit: Visit, field: fields_pb2.Field) -> None:
    given = visit.parameters
    field.readable_by.extend(
        name.removeprefix(_READER)
        for name, value in given.values.items()
        if name.startswith(_READER) and value == "on"
    )
    for line in given.get("options").splitlines():
        if line.strip():
            value, equals, label = line.partition("=")
            shown = label if equals else value.strip().replace("_", " ").capitalize()
            field.options.add(value=value.strip(), label=shown.strip())


def _default(text: str, of_type: str) -> Value:
    """The value that a text of the form stands for; the services check it."""
    if of_type == "boolean" and text.lower() in ("true", "false"):
        return Value(bool_value=text.lower() == "true")
    if of_type in ("integer", "decimal"):
        try:
            return Value(number_value=float(text))
        except ValueError:
            return Value(string_value=text)
    if of_type == "multi_select":
        value = Value()
        value.list_value.extend([each.strip() for each in text.split(",")])
        return value
    return Value(string_value=text)


async def _form(
    edge: Edge, visit: Visit, who: Session, faults: Any = (), refusal: str = ""
) -> HTTPResponse:
    """The form: as it was sent, or with what the field has now."""
    found = await fields_of(edge, visit)
    field = field_in(found, visit) if "field_id" in visit.path_values else None
    is_sent = visit.request.method == "POST"
    values = dict(visit.parameters.values) if is_sent else _values(field)
    messages: dict[str, str] = {}
    for fault in faults:
        name = fault.field.removeprefix("field.").partition("[")[0].partition(".")[0]
        messages.setdefault(name, fault.message)
    return page(
        "schema/field",
        status=400 if messages else 409 if refusal else 200,
        who=who,
        here="schema",
        found=found,
        field=field,
        values=values,
        faults=messages,
        refusal=refusal,
        flags=FLAGS,
        types={name: name_of(number) for name, number in _TYPES.items()},
        type_name=name_of(field.type) if field else "",
    )


def _values(field: pb.OwnField | None) -> dict[str, str]:
    """What a field has, as the form writes it."""
    if field is None:
        return {"type": "text", "existing": "refuse"}
    values = {name: "on" for name in FLAGS if getattr(field, name)}
    values |= {f"{_READER}{each}": "on" for each in field.readable_by}
    given = {item.name for item, _ in field.ListFields()}
    names = given.intersection((*_TEXTS, *_NUMBERS))
    values |= {name: str(getattr(field, name)) for name in names}
    values |= {n: getattr(field, n).value for n in given.intersection(_DECIMALS)}
    values["options"] = "\n".join(
        f"{each.value} = {each.label}" for each in field.options if not each.archived
    )
    values["default_value"] = _written(field.default_value)
    values["type"] = next(n for n, number in _TYPES.items() if number == field.type)
    return values | {"etag": field.etag, "existing": "refuse"}


def _written(value: Value) -> str:
    kind = value.WhichOneof("kind")
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    if kind == "number_value":
        return f"{value.number_value:.15g}"
    if kind == "list_value":
        return ", ".join(each.string_value for each in value.list_value.values)
    return value.string_value
