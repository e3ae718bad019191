"""What the pages of sandboxes say, and how their forms are read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from google.protobuf.struct_pb2 import Value
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.decimal_pb2 import Decimal
from prospectconnect.iam.v1 import sandboxes_pb2 as api

from edge.problems import Fault
from edge.web.visit import Visit

# What a sandbox begins with: by the value of the form, in words, and what that means.
COPIES: Mapping[str, tuple[int, str, str]] = MappingProxyType(
    {
        "nothing": (api.SANDBOX_COPY_NOTHING, "Nothing", "What a new workspace has"),
        "schema": (
            api.SANDBOX_COPY_SCHEMA,
            "Your schema",
            "Fields, objects, association types and pipelines",
        ),
        "schema_and_sample": (
            api.SANDBOX_COPY_SCHEMA_AND_SAMPLE,
            "Your schema and sample records",
            "Copies of your records with made-up names, addresses and numbers",
        ),
    }
)
CONTENTS: Mapping[int, str] = MappingProxyType(
    {number: words for number, words, _ in COPIES.values()}
)
# A state, and the colour of its tag.
STATES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        api.SANDBOX_STATE_FILLING: ("Being filled", "warn"),
        api.SANDBOX_STATE_READY: ("Ready", "good"),
        api.SANDBOX_STATE_RESETTING: ("Being reset", "warn"),
    }
)
# How far the buttons move a clock.
MOVES: Mapping[str, str] = MappingProxyType(
    {
        "PT1H": "1 hour",
        "P1D": "1 day",
        "P1W": "1 week",
        "P1M": "1 month",
        "P1Y": "1 year",
    }
)
# What requests are answered with, and what becomes of deliveries.
ANSWERS: Mapping[str, str] = MappingProxyType(
    {
        "429": "429: too many requests",
        "500": "500: an error of the server",
        "503": "503: not available for now",
        "timeout": "No answer until the time is over",
        "reset": "The connection breaks",
        "slow": "The answer comes 5 seconds late",
    }
)
DELIVERIES: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "delay": (api.DELIVERY_FAULT_DELAY, "It comes 5 seconds late"),
        "duplicate": (api.DELIVERY_FAULT_DUPLICATE, "It comes twice"),
        "reorder": (api.DELIVERY_FAULT_REORDER, "It comes after the next one"),
        "drop": (api.DELIVERY_FAULT_DROP, "It does not come, and is tried again"),
    }
)
SHARES: Mapping[str, str] = MappingProxyType(
    {
        "1": "Each one",
        "0.5": "Each second one",
        "0.25": "Each fourth one",
        "0.1": "Each tenth one",
    }
)
_OF_DELIVERIES: Mapping[int, str] = MappingProxyType(dict(DELIVERIES.values()))
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_MOST_OPERATION = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that a form makes, and what of it could not be read."""

    request: Any
    faults: tuple[Fault, ...] = ()


def described(visit: Visit) -> Asked:
    """The sandbox that a form asks for."""
    given = visit.parameters
    copy, _, _ = COPIES.get(given.get("copy"), (api.SANDBOX_COPY_UNSPECIFIED, "", ""))
    made, faults = api.Sandbox(name=given.get("name").strip()), list[Fault]()
    made.copy = copy  # type: ignore[assignment]  # a number of the enum
    for name in ("sample", "seed", "expires_in_days"):
        if name == "sample" and copy != api.SANDBOX_COPY_SCHEMA_AND_SAMPLE:
            continue
        number, fault = _whole(visit, name)
        if number is not None:
            setattr(made, name, number)
        faults += fault
    return Asked(made, tuple(faults))


def moved(visit: Visit, sandbox_id: str) -> Asked:
    """How a form moves the clock: by a button, or to a moment."""
    given, request = visit.parameters, api.MoveSandboxClockRequest(id=sandbox_id)
    text = given.get("at").strip()
    if given.get("advance"):
        request.advance = given.get("advance")[:_MOST_OPERATION]
    elif text:
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            return Asked(
                request, (_invalid("at", "a moment such as 2027-01-31T09:00"),)
            )
        request.at.CopyFrom(Timestamp(seconds=int(moment.timestamp())))
    return Asked(request)


def planted(visit: Visit, sandbox_id: str) -> Asked:
    """The fault that a form plants."""
    given, request = visit.parameters, api.PlantSandboxFaultRequest(id=sandbox_id)
    what, operation = given.get("what"), given.get("operation").strip()
    if what in DELIVERIES:
        request.deliveries = DELIVERIES[what][0]  # type: ignore[assignment]  # a number of the enum
    elif what:
        is_number = _WHOLE.fullmatch(what) is not None
        value = {"number_value": int(what)} if is_number else {"string_value": what}
        request.answer.CopyFrom(Value(**value))
    if operation:
        request.match.operation = operation
    if given.get("share") in SHARES:
        request.match.share.CopyFrom(Decimal(value=given.get("share")))
    if given.get("after") == "on":
        request.after = True
    number, faults = _whole(visit, "number")
    if number is not None:
        for_time = given.get("unit") == "seconds"
        setattr(request, "for_seconds" if for_time else "for_requests", number)
    return Asked(request, faults)


def told(fault: api.SandboxFault) -> str:
    """What a fault does, in words."""
    if fault.HasField("deliveries"):
        return f"A delivery: {_small(_OF_DELIVERIES[fault.deliveries])}"
    answer = fault.answer
    if answer.HasField("number_value"):
        return ANSWERS[str(int(answer.number_value))]
    return ANSWERS[answer.string_value]


def share_of(fault: api.SandboxFault) -> str:
    """Which of the requests or deliveries that match have a fault, in words."""
    share = fault.match.share.value
    return _small(SHARES.get(share, f"a share of {share}"))


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]


def _whole(visit: Visit, name: str) -> tuple[int | None, tuple[Fault, ...]]:
    """A whole number of a form, as far as it is given, and what is wrong with it."""
    text = visit.parameters.get(name).strip()
    if not text:
        return None, ()
    if not _WHOLE.fullmatch(text):
        return None, (_invalid(name, "a whole number"),)
    return int(text), ()


def _invalid(name: str, form: str) -> Fault:
    return Fault(name, "invalid_format", f"Give {form}.")
