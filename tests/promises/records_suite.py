"""Every resource, from its descriptor, for the tests that all resources must pass.

The code names no resource: a new one is tested as soon as the edge serves it.
"""

import re
from dataclasses import dataclass
from typing import Any

from google.api.annotations_pb2 import http
from google.api.field_behavior_pb2 import FieldBehavior, field_behavior
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from prospectconnect.options.v1 import options_pb2
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format, RecordPolicy

from edge.surface import public_services

VERBS = ("Get", "Search", "Create", "Update", "Delete", "Upsert")


@dataclass(frozen=True, slots=True, eq=False)
class Anything:
    """Equals every value except null, for values that only the server knows."""

    def __eq__(self, other: object) -> bool:
        return other is not None

    def __hash__(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Field:
    """A public field of a record, and its rules."""

    name: str
    descriptor: FieldDescriptor
    policy: FieldPolicy
    behaviors: frozenset[int]

    @property
    def writable(self) -> bool:
        """Whether a create accepts it."""
        return FieldBehavior.OUTPUT_ONLY not in self.behaviors

    @property
    def patchable(self) -> bool:
        """Whether an update accepts it."""
        kept = FieldBehavior.IMMUTABLE in self.behaviors or self.policy.changed_by
        return self.writable and not kept

    @property
    def is_unique(self) -> bool:
        """Whether no two records have the same value."""
        return self.policy.external_ids

    @property
    def is_key(self) -> bool:
        """Whether each record has a value, and no two the same."""
        is_address = self.policy.format == Format.FORMAT_HTTP_URL
        is_key = self.policy.format == Format.FORMAT_KEY or self.policy.unique_value
        return is_key or (self.required and is_address)

    @property
    def required(self) -> bool:
        """Whether every record has it."""
        return FieldBehavior.REQUIRED in self.behaviors

    @property
    def is_text(self) -> bool:
        """Whether it contains a string or strings."""
        return self.descriptor.type == FieldDescriptor.TYPE_STRING

    @property
    def repeated(self) -> bool:
        """Whether it contains a list."""
        return self.descriptor.is_repeated

    @property
    def message(self) -> str:
        """The full name of the message that it contains, if any."""
        held = self.descriptor.message_type
        return held.full_name if held is not None else ""

    @property
    def choices(self) -> list[str]:
        """The values of an enum that a client may write, in public JSON."""
        enum = self.descriptor.enum_type
        if enum is None:
            return []
        prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
        names = [v.name.removeprefix(prefix).lower() for v in enum.values[1:]]
        return [name for name in names if name not in self.policy.server_values]

    @property
    def empty(self) -> Any:
        """The value after an explicit null."""
        if self.repeated:
            return []
        if self.message == "google.protobuf.Struct":
            return {}
        text = self.policy.default_value
        if self.descriptor.type == FieldDescriptor.TYPE_BOOL and text:
            return text == "true"
        if self.policy.request_contract:
            return Anything()
        if text == "now" or (self.is_text and not self.descriptor.has_presence):
            return Anything()
        is_number = self.descriptor.type == FieldDescriptor.TYPE_INT32
        if not (text or self.descriptor.has_presence):
            return 0 if is_number else False
        return int(text) if text and is_number else text or None


# The custom object whose records stand for those of all custom objects.
OBJECT = "licenses"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its path, its operations and its fields.

    The path of custom records is that of the object `OBJECT`, which a test has to
    define first (`Maker.prepare`). `by_id`: the path of a record ends with its id.
    """

    name: str
    path: str
    by_id: bool
    verbs: frozenset[str]
    policy: RecordPolicy
    fields: tuple[Field, ...]

    def __str__(self) -> str:
        return self.name

    @property
    def object(self) -> str:
        """What the schema calls its records."""
        return OBJECT if self.policy.object_field else self.policy.plural

    def later(self, body: bytes) -> bytes:
        """What answers with a new record tell later: no secrets."""
        for field in self.fields:
            if field.policy.shown_once:
                body = re.sub(rb',"%b":"[^"]*"' % field.name.encode(), b"", body)
        return body

    @property
    def writable(self) -> tuple[Field, ...]:
        """The fields that a create accepts."""
        return tuple(field for field in self.fields if field.writable)


def _resources() -> dict[str, Resource]:
    """The records with a public `get`, by their names in scopes."""
    found = {}
    for service in public_services():
        public = [m for m in service.methods if m.GetOptions().HasExtension(http)]
        for method in public:
            answer = method.output_type
            options = answer.GetOptions()
            if not method.name.startswith("Get"):
                continue
            if options.HasExtension(options_pb2.record):
                policy = options.Extensions[options_pb2.record]
                found[policy.resource] = Resource(
                    name=policy.resource,
                    path=_path(policy),
                    by_id=method.GetOptions().Extensions[http].get.endswith("/{id}"),
                    verbs=frozenset(filter(None, (_verb(m, answer) for m in public))),
                    policy=policy,
                    fields=_fields(answer),
                )
    return found


def _path(policy: RecordPolicy) -> str:
    if policy.object_field:
        return f"/objects/{OBJECT}/{policy.plural}"
    return f"/{policy.plural}"


def _verb(method: MethodDescriptor, record: Descriptor) -> str:
    """The verb of a standard method; empty for any other method.

    One of these is a create that is given something else than the record.
    """
    if (
        method.name.startswith("Create")
        and method.GetOptions().Extensions[http].body == "*"
    ):
        return ""
    names = {f"{verb}{record.name}": verb for verb in VERBS}
    is_search = method.name.startswith("Search")
    return "Search" if is_search else names.get(method.name, "")


def _fields(record: Descriptor) -> tuple[Field, ...]:
    fields = []
    for each in record.fields:
        options = each.GetOptions()
        policy = options.Extensions[options_pb2.field]
        if not policy.internal:
            behaviors = frozenset(options.Extensions[field_behavior])
            fields.append(Field(each.name, each, policy, behaviors))
    return tuple(fields)


RESOURCES = _resources()
# The records that have a timeline, with the field that links to them.
LINKS = {
    each.name: each.policy.timeline_link
    for each in RESOURCES.values()
    if each.policy.timeline_link
}
# The records that clients keep: not those which a create alone makes, by a job.
WRITTEN = tuple(e for e in RESOURCES.values() if {"Create", "Update"} <= e.verbs)
# Those that are upserted: records of a tenant's own, but no connections of them.
UPSERTED = tuple(each for each in WRITTEN if "Upsert" in each.verbs)
