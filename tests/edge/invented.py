"""A service that the product does not have, for what its protos do not use yet."""

from typing import Any

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, descriptor_pool, struct_pb2
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message_factory import GetMessageClass
from google.type import date_pb2, decimal_pb2
from prospectconnect.options.v1 import options_pb2

Field = descriptor_pb2.FieldDescriptorProto


def message_file(name: str, *fields: tuple[str, Any, str]) -> FileDescriptor:
    """A file with the message `Thing`, whose fields are (name, type, message type)."""
    file = new_file(name)
    thing = file.message_type.add(name="Thing")
    for number, (field_name, kind, type_name) in enumerate(fields, 1):
        label = Field.LABEL_REPEATED if field_name.endswith("s") else None
        thing.field.add(
            name=field_name,
            number=number,
            type=kind,
            type_name=type_name or None,
            label=label or Field.LABEL_OPTIONAL,
        )
    return add(file)


def new_file(name: str) -> descriptor_pb2.FileDescriptorProto:
    """An empty file that imports what fields may need."""
    imports = (date_pb2, decimal_pb2, struct_pb2, annotations_pb2, options_pb2)
    return descriptor_pb2.FileDescriptorProto(
        name=f"{name}.proto",
        package=f"invented.{name}",
        syntax="proto3",
        dependency=[module.DESCRIPTOR.name for module in imports],
    )


def add(file: descriptor_pb2.FileDescriptorProto) -> FileDescriptor:
    """Adds a file to the pool."""
    pool = descriptor_pool.Default()
    return pool.AddSerializedFile(file.SerializeToString())


def thing_class(file: FileDescriptor) -> Any:
    """The class of the file's `Thing`."""
    return GetMessageClass(file.message_types_by_name["Thing"])
