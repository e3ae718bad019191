"""Values for the fields of a record, good ones and bad, made from the fields' rules.

A new format needs its row in `FORMS`; nothing else is written for a resource.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format

from tests.client import Client
from tests.records_suite import RESOURCES, Field, Resource

UNKNOWN_DIGITS = "0123456789abcdef01234567"

COUNTRIES = ("BR", "DE", "FR", "JP")


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
}


def text(name: str, policy: FieldPolicy, n: int) -> str:
    """The nth text that a field takes."""
    form = FORMS.get(policy.format)
    return form.example(n) if form else f"{name.title()} {n}"[: policy.max_len or None]


def value(field: Field, n: int) -> Any:
    """The nth value that a field takes; references aside."""
    if field.repeated:
        return [f"{field.name} {n}", "VIP"]
    if field.choices:
        return field.choices[-1 - n]
    if field.message:
        return _MESSAGES[field.message](field, n)
    if field.descriptor.type == FieldDescriptor.TYPE_STRING:
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
        return self._reference(field.policy.references, n)

    def full(self, resource: Resource, n: int = 0) -> dict[str, Any]:
        """The nth body that gives every writable field a value."""
        return {field.name: self.value(field, n) for field in resource.writable}

    def least(self, resource: Resource) -> dict[str, Any]:
        """A body with no more than it must have."""
        body = {f.name: self.value(f, 0) for f in resource.writable if f.required}
        any_of = resource.policy.require_any
        for field in resource.writable:
            if field.name in any_of and not any(name in body for name in any_of):
                body[field.name] = self.value(field, 0)
        return body

    def create(self, resource: Resource, **fields: Any) -> Any:
        """Creates a record: the least there must be, and these fields."""
        return self.client.create(resource.path, self.least(resource) | fields)

    def several(self, resource: Resource) -> list[Any]:
        """Records that differ: new ones, or where none can be made, those there are."""
        if "Create" not in resource.verbs:
            return self.client.pages(resource.path)
        bodies = [self.full(resource, 0), self.full(resource, 1), self.least(resource)]
        return [self.client.create(resource.path, body) for body in bodies]

    def _reference(self, name: str, n: int) -> Any:
        resource = RESOURCES.get(name)
        if resource is None:
            return None
        if "Create" in resource.verbs:
            return self.create(resource)["id"]
        return self.client.pages(resource.path)[n]["id"]


# What a field refuses: the value, what is added to the field's path, and the code.
Wrong = tuple[Any, str, str]


def wrong_values(field: Field) -> list[Wrong]:
    """What breaks each rule of a field."""
    if field.repeated:
        return _wrong_lists(field)
    if field.message:
        return _WRONG_MESSAGES[field.message]
    if field.choices:
        shouted = field.choices[0].upper()
        return [
            ("nonsense", "", "invalid_choice"),
            (shouted, "", "invalid_choice"),
            (1, "", "invalid_type"),
        ]
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
        ("2026-06-17T14:30:00Z", "", "invalid_format"),
    ],
    "google.type.Decimal": [("5", "", "invalid_type"), (True, "", "invalid_type")],
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
