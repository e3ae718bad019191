"""What of a request is in the path of its route, and what in the body; and the address
that an answer has.
"""

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from prospectconnect.options.v1 import options_pb2

from edge.transcoder.queries import PARAMETER as _PARAMETER


def contract_in(method: MethodDescriptor, body: str) -> str:
    """The field of a new record that the request's contract is the default of."""
    field = method.input_type.fields_by_name.get(body)
    if field is None or field.message_type is None:
        return ""
    for each in field.message_type.fields:
        if each.GetOptions().Extensions[options_pb2.field].request_contract:
            return each.name
    return ""


def address_in(answer: Descriptor) -> str:
    """The field of an answer that is the path of an address outside `/v1`."""
    for each in answer.fields:
        if each.GetOptions().Extensions[options_pb2.field].address:
            return each.name
    return ""


def body_field(method: MethodDescriptor, body: str) -> str:
    """The field that is the body, as in a rule. Raises `ValueError` for others."""
    if body not in ("", "*"):
        field = method.input_type.fields_by_name.get(body)
        if field is None or field.message_type is None:
            raise ValueError(f"{method.full_name}: the body {body} is no message field")
    return body


def path_parameters(method: MethodDescriptor, path: str) -> tuple[str, ...]:
    """The fields that a path binds. Raises `ValueError` for what cannot be bound."""
    names = tuple(_PARAMETER.findall(path))
    if "{" in _PARAMETER.sub("", path):
        raise ValueError(f"{method.full_name}: {path} is more than the edge can match")
    for name in names:
        field = method.input_type.fields_by_name.get(name)
        if field is None or field.type != FieldDescriptor.TYPE_STRING:
            raise ValueError(f"{method.full_name}: {name} is no text field to bind")
    return names


def beside_record(request: Descriptor) -> frozenset[str]:
    """The fields of a request that are in its body besides those of the record."""
    return frozenset(
        field.name
        for field in request.fields
        if field.GetOptions().Extensions[options_pb2.field].beside_record
    )
