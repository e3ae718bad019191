"""Samples for gRPC: a whole program each, with the stubs for Python.

The request is what the edge makes of the example for HTTP, so that both do the same.
"""

import json
from decimal import Decimal
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import ListValue, Struct

from edge.documentation.page import GRPC_HERE
from edge.reference.literals import call, keywords
from edge.reference.operations import Operation
from edge.transcoder.decode import body_shape, compile_decoder
from edge.transcoder.routes import Route

_SECONDS = 30
_WIDTH = 62  # of a request on one line


def grpc_program(operation: Operation, route: Route) -> str:
    """The call by the stubs for Python."""
    path, _, method = route.rpc.lstrip("/").partition("/")
    package, _, service = path.rpartition(".")
    request = route.request_class.DESCRIPTOR
    message, module = _modules(request.file.name)
    stubs = _modules(_file_of(route))[1]
    keyed = operation.has_key
    imported = [
        f"from {message} import {module}_pb2",
        f"from {package} import {stubs}_pb2_grpc",
    ]
    if message == package:
        imported = [f"from {package} import {module}_pb2, {stubs}_pb2_grpc"]
    lines = ["import os", *(["from uuid import uuid4"] if keyed else ()), ""]
    lines += ["import grpc", *imported, ""]
    lines += [f'channel = grpc.insecure_channel("{GRPC_HERE}")']
    lines += [f"service = {stubs}_pb2_grpc.{service}Stub(channel)"]
    lines += [f"request = {_request(operation, route, f'{module}_pb2')}"]
    metadata = ["""("authorization", f"Bearer {os.environ['TOKEN']}")"""]
    if keyed:
        metadata.append('("idempotency-key", str(uuid4()))')
    lines += ["metadata = [", *(f"    {each}," for each in metadata), "]"]
    done = f"service.{method}(request, timeout={_SECONDS}, metadata=metadata)"
    return "\n".join([*lines, f"print({done})", ""])


def request_of(operation: Operation, route: Route) -> Message:
    """The request that the edge makes of the operation's example."""
    decode = compile_decoder(route, body_shape(route))
    body: Any = None
    if operation.body is not None:
        text = json.dumps(operation.body.example)
        body = json.loads(text, parse_float=Decimal)
    return decode(body, {each.name: each.example for each in operation.parameters})


def _request(operation: Operation, route: Route, module: str) -> str:
    values = plain(request_of(operation, route))
    name = f"{module}.{route.request_class.DESCRIPTOR.name}"
    return call(name, keywords(values), _WIDTH)


def _modules(file: str) -> tuple[str, str]:
    """The package and the module of a proto: its stubs have them, too."""
    folder, _, name = file.removesuffix(".proto").rpartition("/")
    return folder.replace("/", "."), name


def _file_of(route: Route) -> str:
    service = route.rpc.lstrip("/").partition("/")[0]
    pool = route.request_class.DESCRIPTOR.file.pool
    return str(pool.FindServiceByName(service).file.name)


def plain(message: Message) -> dict[str, Any]:
    """A message as the values that its class takes: dictionaries, lists and names."""
    return {field.name: _value(field, value) for field, value in message.ListFields()}


def _value(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        inner = field.message_type.fields_by_name["value"]
        return {key: _one(inner, value[key]) for key in sorted(value)}
    if field.is_repeated:
        return [_one(field, each) for each in value]
    return _one(field, value)


def _one(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        found = field.enum_type.values_by_number.get(value)
        return value if found is None else found.name
    if isinstance(value, Struct | ListValue):
        return _open(value)
    return plain(value) if isinstance(value, Message) else value


def _open(value: Any) -> Any:
    """A struct or a list as values of Python, as their classes take them."""
    if isinstance(value, Struct):
        return {key: _open(value[key]) for key in sorted(value)}
    if isinstance(value, ListValue):
        return [_open(each) for each in value]
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value
