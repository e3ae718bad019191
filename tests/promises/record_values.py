"""Values for the fields of a record, good ones and bad, made from the fields' rules.

A new format needs its row in `FORMS`, a new message its row in `_MESSAGES`; nothing
else is written for a resource.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format

from tests.client import Client
from tests.promises.records_suite import RESOURCES, Field, Resource

UNKNOWN_DIGITS = "0123456789abcdef01234567"

COUNTRIES = ("BR", "DE", "FR", "JP")
CURRENCIES = ("EUR", "BRL", "JPY")
OBJECTS = ("contacts", "companies", "deals")

# No two records of a tenant have the same key.
_KEYS = count()

# Fields that only some records of a kind have, as other fields of these say, and those
# by which records stand in each other's way. They are tried in tests of their own.
_OF_SOME: Mapping[str, Any] = {
    "prospectconnect.schema.v1.Field.required": False,
    "prospectconnect.schema.v1.Field.unique": False,
    "prospectconnect.schema.v1.Field.default_value": None,
    "prospectconnect.schema.v1.Field.options": [],
    "prospectconnect.schema.v1.Field.min": None,
    "prospectconnect.schema.v1.Field.max": None,
    "prospectconnect.schema.v1.Field.decimals": None,
    "prospectconnect.schema.v1.Field.target": None,
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form of text: its nth example, what it is not, and the code of that fault."""

    example: Callable[[int], str]
    wrong: str
    code: str = "invalid_format"


FORMS = {
    Format.FORMAT_EMAIL: Form(lambda n: f"ada{n}@example.com", "ada.example.com"),
    Format.FORMAT_PHONE: Form(lambda n: f"+55 (11) 9876-100{n}", "1-800-FLOWERS"),
    Format.FORMAT_COUNTRY: Form(lambda n: COUNTRIES[n], "XX", "invalid_choice"),
    Format.FORMAT_CURRENCY: Form(lambda n: CURRENCIES[n], "eur", "invalid_choice"),
    Format.FORMAT_HOST: Form(lambda n: f"sales{n}.example.com", "example"),
    Format.FORMAT_HTTP_URL: Form(
        lambda n: f"https://a{n}.example/x", "ftp://a.example"
    ),
    Format.FORMAT_KEY: Form(lambda n: f"key_{n}_{next(_KEYS)}", "Seats"),
    Format.FORMAT_SLUG: Form(lambda n: OBJECTS[n % len(OBJECTS)], "Contacts"),
}


def text(name: str, policy: FieldPolicy, n: int) -> str:
    """The nth text that a field takes."""
    form = FORMS.get(policy.format)
    return form.example(n) if form else f"{name.title()} {n}"[: policy.max_len or None]


def value(field: Field, n: int) -> Any:
    """The nth value that a field takes; references aside."""
    if field.descriptor.full_name in _OF_SOME:
        return _OF_SOME[field.descriptor.full_name]
    if field.repeated:
        return [f"{field.name} {n}", "VIP"]
    if field.choices:
        return field.choices[-1 - n]
    if field.message:
        return _MESSAGES[field.message](field, n)
    if field.is_text:
        return text(field.name, field.policy, n)
    if field.descriptor.type == FieldDescriptor.TYPE_BOOL:
        return n % 2 == 0
    return int(field.policy.gte) + 7 + n


_MESSAGES: dict[str, Callable[[Field, int], Any]] = {
    "google.protobuf.Timestamp": lambda _, n: f"2026-06-17T14:30:0{n}Z",
    "google.type.Date": lambda _, n: f"2026-06-1{n}",
    "google.type.Decimal": lambda _, n: 1250.25 + n,
    "google.protobuf.Struct": lambda _, n: {"plan": f"Gold {n}", "seats": n},
}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes records of any resource, and those that they refer to."""

    client: Client
    users: Mapping[str, str]

    def value(self, field: Field, n: int) -> Any:
        """The nth value of a field; None when it refers to what cannot be had."""
        if not field.policy.references:
            return value(field, n)
        return self.reference(field.policy.references, n)

    def full(self, resource: Resource, n: int = 0) -> dict[str, Any]:
        """The nth body that gives every writable field a value that it can have."""
        fields = resource.writable
        every = (f for f in fields if f.descriptor.full_name not in _OF_SOME)
        return {field.name: self.value(field, n) for field in every}

    def least(self, resource: Resource) -> dict[str, Any]:
        """A body with no more than it must have."""
        body = {f.name: self.value(f, 0) for f in resource.writable if f.required}
        any_of = resource.policy.require_any
        for field in resource.writable:
            if field.name in any_of and not any(name in body for name in any_of):
                body[field.name] = self.value(field, 0)
        return body

    def another(self, resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body of another record, which has what no two records share anew."""
        keys = [f for f in resource.writable if f.policy.format == Format.FORMAT_KEY]
        return {**body, **{field.name: self.value(field, 0) for field in keys}}

    def create(self, resource: Resource, **fields: Any) -> Any:
        """Creates a record: the least there must be, and these fields."""
        return self.client.create(resource.path, self.least(resource) | fields)

    def several(self, resource: Resource) -> list[Any]:
        """Records that differ: new ones where they can be made, and all there were."""
        if "Create" in resource.verbs:
            full = [self.full(resource, n) for n in (0, 1)]
            for body in (*full, self.least(resource)):
                self.client.create(resource.path, body)
        return self.client.pages(resource.path)

    def reference(self, name: str, n: int) -> Any:
        """The id of something of a kind: a new record, or the nth that is there."""
        resource = RESOURCES.get(name)
        if resource is None:
            return self._part(name, n)
        if "Create" in resource.verbs:
            return self.create(resource)["id"]
        there = self.client.pages(resource.path)
        return there[n % len(there)]["id"]

    def _part(self, name: str, n: int) -> Any:
        """The id of what a record holds in a list, e.g. of a pipeline's stage."""
        for resource in RESOURCES.values():
            if any(f.name == f"{name}s" and f.message for f in resource.fields):
                return self.client.pages(resource.path)[0][f"{name}s"][n]["id"]
        return None


# What a field refuses: the value, what is added to the field's path, and the code.
Wrong = tuple[Any, str, str]


def wrong_values(field: Field) -> list[Wrong]:
    """What breaks each rule of a field."""
    if field.repeated and field.message:
        return [("VIP", "", "invalid_type")]
    if field.repeated:
        return _wrong_lists(field)
    if field.message == "google.type.Decimal":
        return _wrong_decimals(field.policy)
    if field.policy.HasField("max_bytes"):
        return _wrong_objects(field.policy)
    if field.message:
        return _WRONG_MESSAGES[field.message]
    if field.choices:
        shouted = field.choices[0].upper()
        choices = ("nonsense", shouted, *field.policy.server_values)
        wrong: list[Wrong] = [(each, "", "invalid_choice") for each in choices]
        return [*wrong, (1, "", "invalid_type")]
    if field.descriptor.type == FieldDescriptor.TYPE_BOOL:
        return [("true", "", "invalid_type"), (1, "", "invalid_type")]
    if field.descriptor.type == FieldDescriptor.TYPE_INT32:
        return _wrong_numbers(field.policy)
    return _wrong_texts(field.policy)


def _wrong_texts(policy: FieldPolicy) -> list[Wrong]:
    wrong: list[Wrong] = [(5, "", "invalid_type"), (["a"], "", "invalid_type")]
    if policy.references:
        known = RESOURCES.get(policy.references)
        prefix = known.policy.id_prefix if known else "xxx_"
        unknown = (prefix + UNKNOWN_DIGITS, "nonsense", "a" * 10_000)
        return wrong + [(each, "", "not_found") for each in unknown]
    wrong.append(("a\0b", "", "invalid"))
    if policy.max_len:
        wrong.append(("1" * (policy.max_len + 1), "", "too_long"))
    if form := FORMS.get(policy.format):
        wrong.append((form.wrong, "", form.code))
    return wrong


def _wrong_numbers(policy: FieldPolicy) -> list[Wrong]:
    wrong: list[Wrong] = [
        ("5", "", "invalid_type"),
        (1.5, "", "invalid_type"),
        (True, "", "invalid_type"),
        (2**31, "", "too_large"),
    ]
    if policy.HasField("gte"):
        wrong.append((int(policy.gte) - 1, "", "too_small"))
    if policy.HasField("lte"):
        wrong.append((int(policy.lte) + 1, "", "too_large"))
    return wrong


def _wrong_decimals(policy: FieldPolicy) -> list[Wrong]:
    finer = 10.0 ** -(policy.decimals + 1)
    return [
        ("5", "", "invalid_type"),
        (True, "", "invalid_type"),
        (policy.gte - 1, "", "too_small"),
        (int(policy.lte) + 1, "", "too_large"),
        (max(policy.gte, 0) + finer, "", "invalid"),
    ]


def _wrong_objects(policy: FieldPolicy) -> list[Wrong]:
    deep: Any = 1
    for _ in range(policy.max_depth + 1):
        deep = {"in": deep}
    return [
        ("a", "", "invalid_type"),
        ([], "", "invalid_type"),
        (deep, "", "invalid"),
        ({"a": "x" * policy.max_bytes}, "", "too_large"),
        ({"a": ["b", {"c": "\0"}]}, "", "invalid"),
        ({"a\0": 1}, "", "invalid"),
    ]


def _wrong_lists(field: Field) -> list[Wrong]:
    most, items = field.policy.max_items, field.policy.items
    return [
        ("VIP", "", "invalid_type"),
        (["VIP", 5], "[1]", "invalid_type"),
        ([None], "[0]", "invalid_type"),
        (["VIP", " "], "[1]", "too_short"),
        (["x" * (items.max_len + 1)], "[0]", "too_long"),
        ([f"tag {n}" for n in range(most + 1)], "", "too_many"),
    ]


_WRONG_MESSAGES: dict[str, list[Wrong]] = {
    "google.protobuf.Timestamp": [
        (5, "", "invalid_type"),
        ("2026-06-17", "", "invalid_format"),
        ("2026-06-31T00:00:00Z", "", "invalid_format"),
    ],
    "google.type.Date": [
        (5, "", "invalid_type"),
        ("2026-06-31", "", "invalid_format"),
        ("0000-06-17", "", "invalid_format"),
        ("2026-06-17T14:30:00Z", "", "invalid_format"),
    ],
    "google.protobuf.Value": [({"a": 1}, "", "invalid_type")],
    "google.protobuf.Struct": [
        ("a", "", "invalid_type"),
        ({"Plan": 1}, ".Plan", "invalid_format"),
        ({"a" * 65: 1}, "." + "a" * 65, "invalid_format"),
        ({"plan": "x" * 2001}, ".plan", "too_long"),
        ({"plan": {"name": 1}}, ".plan", "invalid_type"),
        ({"plan": ["gold", 5]}, ".plan[1]", "invalid_type"),
        ({"plan": ["x"] * 51}, ".plan", "too_many"),
        ({"plan": 2**60}, ".plan", "too_large"),
        ({f"key_{n}": n for n in range(101)}, "", "too_many"),
    ],
}
