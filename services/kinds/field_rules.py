"""The rules of single fields, compiled from their descriptors at start.

A rule checks a field that is set, trims its text and adds each fault with its path.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from prospectconnect.options.v1 import options_pb2
from prospectconnect.options.v1.options_pb2 import FieldPolicy
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults
from services.kinds.custom_fields import check_custom_fields
from services.kinds.descriptors import enum_choices
from services.kinds.external_ids import check_external_ids
from services.kinds.formats import FORMATS, exact, plain
from services.kinds.metadata import metadata_rule
from services.kinds.nested.messages import Rule, nested_rule
from services.kinds.nested.numbers import bounds_check, number_rule, numbers_rule

NUL = "\0"

# 0001-01-01 and 9999-12-31, in Unix seconds.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799

# No enum has this value.
_NO_VALUE = -1


# The fields of a request that name the record. Another form is simply not found.
NAMES_OF_RECORDS = ("id", "slug")
# These fields are not trimmed. A cursor is opaque, and an order names a field: with
# white space they are different values, and white space alone is not an absent value.
_AS_THEY_COME = ("cursor", "order_by")


def field_rule(item: FieldDescriptor) -> Rule | None:
    """Returns the rule of a field, None if every value is allowed."""
    policy = item.GetOptions().Extensions[options_pb2.field]
    if item.type == FieldDescriptor.TYPE_STRING:
        if names_a_record(item):
            return None
        return _texts_rule(item.name, policy) if item.is_repeated else _text_rule(item)
    if item.type == FieldDescriptor.TYPE_INT32:
        return numbers_rule(policy) if item.is_repeated else number_rule(policy)
    if item.enum_type is not None:
        return _enum_rule(item, policy)
    return _message_rule(item, policy)


def names_a_record(item: FieldDescriptor) -> bool:
    """Whether a field of a request holds the id, or the name, of a record."""
    message = item.containing_type
    is_record = message and message.GetOptions().HasExtension(options_pb2.record)
    return item.name in NAMES_OF_RECORDS and not is_record


def _message_rule(item: FieldDescriptor, policy: FieldPolicy) -> Rule | None:
    if policy.checked:
        return nested_rule(item, policy, field_rule)
    if item.message_type is Timestamp.DESCRIPTOR:
        return _check_timestamp
    if item.message_type is Date.DESCRIPTOR:
        return _check_date
    if item.message_type is Decimal.DESCRIPTOR:
        return _decimal_rule(policy)
    return struct_rule(policy)


def struct_rule(policy: FieldPolicy) -> Rule | None:
    """Returns the rule of a struct, None if the policy has none."""
    if policy.custom_fields:
        return check_custom_fields
    if policy.external_ids:
        return check_external_ids
    if policy.HasField("max_bytes"):
        return metadata_rule(policy.max_bytes, policy.max_depth)
    return None


def _text_rule(item: FieldDescriptor) -> Rule:
    policy = item.GetOptions().Extensions[options_pb2.field]
    name, most = item.name, policy.max_len
    keep_space = policy.multiline or name in _AS_THEY_COME
    check = _text_check(policy)
    form = FORMATS.get(policy.format)
    normal = form.normal if form is not None else None

    def rule(message: Any, value: str, path: str, faults: Faults) -> None:
        text = value if keep_space else value.strip()
        if normal is not None and (not most or len(text) <= most):
            text = normal(text)
        if text != value:
            setattr(message, name, text)
        if text:
            check(text, path, faults)

    return rule


# A list may repeat values, so up to so many times its maximum is checked. Without a
# maximum, so many elements are.
_LOOKED_AT, _MOST_ELEMENTS = 20, 1_000

# Names in a row, each at a line of its own: there is nothing to trim or to refuse.
_SHORT = 64
_NAMES = re.compile(rf"[\w.]{{1,{_SHORT}}}(?:\n[\w.]{{1,{_SHORT}}})*+", re.ASCII)


def _texts_rule(name: str, policy: FieldPolicy) -> Rule:
    judge = _texts_check(policy.items)
    most, unique = policy.max_items, policy.unique
    longest = policy.items.max_len
    looked_at = _LOOKED_AT * most if most else _MOST_ELEMENTS
    takes_names = not unique and not policy.items.format and policy.items.min_len <= 1
    takes_names = takes_names and not 0 < longest < _SHORT

    def refuse(path: str, faults: Faults) -> None:
        code = FaultCode.FAULT_CODE_TOO_MANY
        faults.add(path, code, f"Give at most {most or looked_at} {name}.")

    def rule(message: Any, values: Any, path: str, faults: Faults) -> None:
        if len(values) > looked_at:  # even if many are repeated
            refuse(path, faults)
            return
        if takes_names and _are_names(values) and not 0 < most < len(values):
            return
        texts = [value.strip() for value in values]
        judge(texts, path, faults)
        too_long = {text for text in texts if longest and len(text) > longest}
        if too_long:  # refused above; not compared any further
            texts = [text for text in texts if len(text) <= longest]
        if unique:
            texts = distinct(texts)
        if most and len(texts) + len(too_long) > most:
            refuse(path, faults)
        if not too_long and texts != values:
            del values[:]
            values.extend(texts)

    return rule


def _are_names(values: Sequence[str]) -> bool:
    """Whether texts are short names: one look tells it of most lists of fields."""
    told = "\n".join(values)
    return _NAMES.fullmatch(told) is not None and told.count("\n") == len(values) - 1


def _texts_check(policy: FieldPolicy) -> Callable[[Sequence[str], str, Faults], None]:
    check, form = _text_check(policy), FORMATS.get(policy.format)
    least, most = policy.min_len, policy.max_len

    def are_good(texts: Sequence[str]) -> bool:
        """Whether they surely are: most lists are seen to be with one look."""
        lengths = sorted(map(len, texts))
        fit = lengths[0] >= least and (not most or lengths[-1] <= most)
        return fit and form is None and NUL not in "".join(texts)

    def judge(texts: Sequence[str], path: str, faults: Faults) -> None:
        if not texts or are_good(texts):
            return
        for index, text in enumerate(texts):
            if len(text) < least:
                code = FaultCode.FAULT_CODE_TOO_SHORT
                faults.add(f"{path}[{index}]", code, "The text is empty.")
            check(text, f"{path}[{index}]", faults)

    return judge


def lowered(text: str) -> str:
    """Returns a text in lower case, one character at a time, like SQL's `lower`.

    Python's `lower` may turn one character into two, and treats a final sigma
    differently.
    """
    if text.isascii():
        return text.lower()
    return "".join(character.lower()[0] for character in text)


def distinct(texts: list[str]) -> list[str]:
    """Removes texts that repeat an earlier one, ignoring case."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(lowered(text), text)
    return list(first.values())


def _text_check(policy: FieldPolicy) -> Callable[[str, str, Faults], None]:
    most = policy.max_len
    form = FORMATS.get(policy.format)

    def check(text: str, path: str, faults: Faults) -> None:
        if NUL in text:
            code = FaultCode.FAULT_CODE_INVALID
            faults.add(path, code, "The text holds a NUL character.")
        elif most and len(text) > most:
            code = FaultCode.FAULT_CODE_TOO_LONG
            faults.add(path, code, f"The text has more than {most} characters.")
        elif form is not None and not form.matches(text):
            faults.add(path, form.code, form.message)

    return check


def _decimal_rule(policy: FieldPolicy) -> Rule:
    check_bounds, places = bounds_check(policy), policy.decimals

    def rule(_: Any, value: Decimal, path: str, faults: Faults) -> None:
        number = exact(value.value)
        if number is None:
            code = FaultCode.FAULT_CODE_INVALID_FORMAT
            faults.add(path, code, "Give a decimal number.")
            return
        before = len(faults.codes)
        check_bounds(number, path, faults)
        if len(faults.codes) == before and number != round(number, places):
            code = FaultCode.FAULT_CODE_INVALID
            faults.add(path, code, f"Give at most {places} decimals.")
        if len(faults.codes) == before:
            value.value = plain(number)  # as the database will return it

    return rule


def _check_date(_: Any, value: Date, path: str, faults: Faults) -> None:
    try:
        date(value.year, value.month, value.day)
    except ValueError:
        code = FaultCode.FAULT_CODE_INVALID_FORMAT
        faults.add(path, code, "Give a day of the years 1 to 9999.")


def _check_timestamp(_: Any, value: Timestamp, path: str, faults: Faults) -> None:
    if not (
        _FIRST_SECOND <= value.seconds <= _LAST_SECOND and 0 <= value.nanos < 10**9
    ):
        code = FaultCode.FAULT_CODE_INVALID_FORMAT
        faults.add(path, code, "Give a moment of the years 1 to 9999.")


def _enum_rule(item: FieldDescriptor, policy: FieldPolicy) -> Rule:
    servers = policy.server_values
    given = {text: n for text, n in enum_choices(item).items() if text not in servers}
    numbers = {0, *given.values()}
    message = f"Give one of {', '.join(given)}."

    def rule(_: Any, value: int, path: str, faults: Faults) -> None:
        if value not in numbers:
            faults.add(path, FaultCode.FAULT_CODE_INVALID_CHOICE, message)

    def rule_of_list(_: Any, values: Any, path: str, faults: Faults) -> None:
        for index, value in enumerate(values):
            rule(_, value or _NO_VALUE, f"{path}[{index}]", faults)

    return rule_of_list if item.is_repeated else rule
