"""The rules of numbers, and of lists of them."""

import decimal
from collections.abc import Callable
from typing import Any

from prospectconnect.options.v1.options_pb2 import FieldPolicy
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults
from services.kinds.nested.messages import Rule

# A list without a maximum holds so many.
_MOST_ELEMENTS = 1_000


def number_rule(policy: FieldPolicy) -> Rule | None:
    """The rule of a number, None if every one is allowed."""
    if not (policy.HasField("gte") or policy.HasField("lte")):
        return None
    check = bounds_check(policy)
    return lambda _, value, path, faults: check(value, path, faults)


def bounds_check(policy: FieldPolicy) -> Callable[[Any, str, Faults], None]:
    """What checks a number by its bounds."""
    least = policy.gte if policy.HasField("gte") else float("-inf")
    most = policy.lte if policy.HasField("lte") else float("inf")
    told = [f"{each:.16g}" for each in (least, most)]

    def check(value: int | decimal.Decimal, path: str, faults: Faults) -> None:
        if value < least:
            code = FaultCode.FAULT_CODE_TOO_SMALL
            faults.add(path, code, f"The least value is {told[0]}.")
        elif value > most:
            code = FaultCode.FAULT_CODE_TOO_LARGE
            faults.add(path, code, f"The greatest value is {told[1]}.")

    return check


def numbers_rule(policy: FieldPolicy) -> Rule:
    """The rule of a list of numbers. Those that repeat an earlier one are removed."""
    check, most = bounds_check(policy.items), policy.max_items or _MOST_ELEMENTS

    def rule(_: Any, values: Any, path: str, faults: Faults) -> None:
        given = dict.fromkeys(values) if policy.unique else values
        if len(given) > most:
            code = FaultCode.FAULT_CODE_TOO_MANY
            faults.add(path, code, f"Give at most {most} values.")
            return
        for index, value in enumerate(values):
            check(value, f"{path}[{index}]", faults)
        if policy.unique:
            kept = list(given)
            del values[:]
            values.extend(kept)

    return rule
