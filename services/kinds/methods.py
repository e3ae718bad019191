"""The methods of the services: their policies and checks, read from descriptors.

If a method has no policy, the services do not start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.api import annotations_pb2
from google.protobuf.descriptor import (
    Descriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from prospectconnect.options.v1 import options_pb2
from prospectconnect.type.v1.search_pb2 import Filter

from services.faults import Faults
from services.kinds.matching import check_match
from services.kinds.record_type import Kinds, RecordType
from services.kinds.rules import (
    MATCH_ON,
    Check,
    compile_check,
    holds_record,
    is_written,
)


@dataclass(frozen=True, slots=True)
class Method:
    """One method. `permission` is "" if any valid token may call it.

    A `session` method takes a session instead of a token, a `calendar` method takes the
    secret of a calendar's address, and an `open` one takes none of them.
    `updates`: the request says which fields of a record it writes. `waits`: it waits
    for something that happens elsewhere. `streams`: it writes any number of answers.
    `searched` is the kind of record that a search finds, `written` the kind of the
    record in the request. `object_field` is the field of the request that names a
    custom object, "" if it names none. `reads` is the kind of the records of which a
    request may ask for some fields. `standard` is the standard method that it is, 0 if
    it is none. `runs_others`: it is a batch. `only_reads`: it writes nothing. `counted`
    is the kind of the records that it makes figures of.
    """

    name: str
    permission: str
    session: bool
    calendar: bool
    open: bool
    keyed: bool
    updates: bool
    waits: bool
    streams: bool
    request: type[Message]
    response: type[Message]
    check: Check
    searched: RecordType | None
    written: RecordType | None
    object_field: str
    reads: RecordType | None
    standard: int
    runs_others: bool
    only_reads: bool
    counted: RecordType | None


def read_methods(
    services: Iterable[ServiceDescriptor], kinds: Kinds
) -> Mapping[str, Method]:
    """Reads the methods of services. The keys are `/package.Service/Method`.

    `kinds` are the kinds of records that the methods may read and write.
    """
    return {
        method.name: method
        for service in services
        for method in (_method(each, kinds) for each in service.methods)
    }


def _method(descriptor: MethodDescriptor, kinds: Kinds) -> Method:
    policy = descriptor.GetOptions().Extensions[options_pb2.method]
    service = descriptor.containing_service.full_name
    inside = policy.session, policy.calendar, policy.open
    if sum((bool(policy.permission), policy.any_token, *inside)) != 1:
        message = f"{service}.{descriptor.name} must say who may call it, once"
        raise ValueError(message)
    return Method(
        name=f"/{service}/{descriptor.name}",
        permission=policy.permission,
        session=policy.session,
        calendar=policy.calendar,
        open=policy.open,
        keyed=policy.keyed,
        updates="update_mask" in descriptor.input_type.fields_by_name,
        waits=policy.waits,
        streams=descriptor.server_streaming,
        request=GetMessageClass(descriptor.input_type),
        response=GetMessageClass(descriptor.output_type),
        check=_check(descriptor, kinds),
        searched=_searched(descriptor, kinds),
        written=_written(descriptor, kinds),
        object_field=_object_field(service, kinds),
        reads=_reads(descriptor, kinds),
        standard=policy.standard,
        runs_others=policy.runs_others,
        only_reads=_only_reads(descriptor),
        counted=_counted(descriptor, kinds),
    )


def is_batch(request: Message) -> bool:
    """Whether a request holds operations that run as requests of their own."""
    return "operations" in request.DESCRIPTOR.fields_by_name


def _only_reads(descriptor: MethodDescriptor) -> bool:
    """Whether a method changes nothing."""
    policy = descriptor.GetOptions().Extensions[options_pb2.method]
    rule = descriptor.GetOptions().Extensions[annotations_pb2.http]
    return policy.reads or rule.WhichOneof("pattern") == "get"


def _check(descriptor: MethodDescriptor, kinds: Kinds) -> Check:
    if descriptor.GetOptions().Extensions[options_pb2.method].raw:
        return _no_check
    check, kind = compile_check(descriptor.input_type), _written(descriptor, kinds)
    if kind is None or MATCH_ON not in descriptor.input_type.fields_by_name:
        return check
    check_further = check_match(kind)

    def check_both(request: Any, path: str, faults: Faults) -> None:
        check(request, path, faults)
        check_further(request, path, faults)

    return check_both


def _no_check(request: Any, path: str, faults: Faults) -> None:
    """Accepts everything: the method checks its texts itself."""


def _written(descriptor: MethodDescriptor, kinds: Kinds) -> RecordType | None:
    for item in descriptor.input_type.fields:
        if holds_record(item) and is_written(item):
            return _kind_of(item.message_type, kinds)
    return None


def _object_field(service: str, kinds: Kinds) -> str:
    """The field by which each request to a service names the object of its records."""
    named = (f"{kind.message.DESCRIPTOR.full_name}Service" for kind in kinds.values())
    fields = dict(zip(named, (k.object_field for k in kinds.values()), strict=True))
    return fields.get(service, "")


def _counted(descriptor: MethodDescriptor, kinds: Kinds) -> RecordType | None:
    if not _has_filters(descriptor) or _searched(descriptor, kinds) is not None:
        return None
    if descriptor.name.startswith("Run"):
        return None  # its filters are about the records of the figures
    service = descriptor.containing_service.full_name
    named = {f"{k.message.DESCRIPTOR.full_name}Service": k for k in kinds.values()}
    return named.get(service)


def _has_filters(descriptor: MethodDescriptor) -> bool:
    filters = descriptor.input_type.fields_by_name.get("filters")
    return filters is not None and filters.message_type is Filter.DESCRIPTOR


def _searched(descriptor: MethodDescriptor, kinds: Kinds) -> RecordType | None:
    if not _has_filters(descriptor):
        return None
    found = descriptor.output_type.fields_by_name.get("data")
    if found is None or not _is_record(found.message_type):
        return None  # the feed, whose filters are about the records of changes
    return _kind_of(found.message_type, kinds)


def _reads(descriptor: MethodDescriptor, kinds: Kinds) -> RecordType | None:
    standard = descriptor.GetOptions().Extensions[options_pb2.method].standard
    if standard == options_pb2.STANDARD_METHOD_GET:
        return _kind_of(descriptor.output_type, kinds)
    is_search = standard == options_pb2.STANDARD_METHOD_SEARCH
    return _searched(descriptor, kinds) if is_search else None


def _is_record(message: Descriptor | None) -> bool:
    return message is not None and message.GetOptions().HasExtension(options_pb2.record)


def _kind_of(message: Descriptor | None, kinds: Kinds) -> RecordType:
    assert message is not None  # noqa: S101 - the field holds a record
    return kinds[message.GetOptions().Extensions[options_pb2.record].resource]
