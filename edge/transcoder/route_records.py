"""What the protos say of the records behind a route."""

from google.api import annotations_pb2
from google.protobuf.descriptor import Descriptor, ServiceDescriptor
from prospectconnect.options.v1 import options_pb2

from edge.transcoder.queries import PARAMETER

# The field of the answer of an upsert that holds the record.
RECORD = "data"


def _record_of(service: ServiceDescriptor) -> Descriptor | None:
    """The record that a service keeps, None if it keeps none."""
    name = service.name.removesuffix("Service")
    return service.file.message_types_by_name.get(name)


def is_erasable(service: ServiceDescriptor) -> bool:
    record = _record_of(service)
    options = None if record is None else record.GetOptions()
    return bool(options and options.Extensions[options_pb2.record].erasable)


def is_about_people(service: ServiceDescriptor) -> bool:
    """Whether records are erased, or lose their texts with a record that is."""
    record = _record_of(service)
    fields = () if record is None else record.fields
    policies = (f.GetOptions().Extensions[options_pb2.field] for f in fields)
    return is_erasable(service) or any(each.link for each in policies)


def identified_by(service: ServiceDescriptor, path: str) -> str:
    """The field of a record at `path` with which its own path ends."""
    for method in service.methods:
        rule = method.GetOptions().Extensions[annotations_pb2.http]
        below, _, last = rule.get.rpartition("/")
        if below == path and (found := PARAMETER.fullmatch(last)):
            known = method.output_type.fields_by_name
            return found[1] if found[1] in known else "id"
    return "id"


def held(answer: Descriptor) -> Descriptor | None:
    """The message of the one record that an answer holds, None if it holds none."""
    field = answer.fields_by_name.get(RECORD)
    return None if field is None or field.is_repeated else field.message_type


def has_internal_etag(message: Descriptor | None) -> bool:
    field = None if message is None else message.fields_by_name.get("etag")
    if field is None:
        return False
    return bool(field.GetOptions().Extensions[options_pb2.field].internal)
