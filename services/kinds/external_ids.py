"""External ids: the ids that a record has in other systems.

There are at most 20 systems of the form `[a-z][a-z0-9_]{0,31}`. An id is a string of 1
to 255 characters. It is kept and compared as it came: neither trimmed nor folded.
"""

import re
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults

MOST_SYSTEMS = 20
MOST_CHARACTERS = 255

# Up to so many times the maximum is checked, to report more faults.
_LOOKED_AT = 20

SYSTEM = re.compile(r"[a-z][a-z0-9_]{0,31}")


def check_external_ids(_: Any, ids: Struct, path: str, faults: Faults) -> None:
    """Adds a fault for each broken rule of external ids."""
    if len(ids.fields) > MOST_SYSTEMS:
        code = FaultCode.FAULT_CODE_TOO_MANY
        faults.add(path, code, f"A record has ids in at most {MOST_SYSTEMS} systems.")
        if len(ids.fields) > _LOOKED_AT * MOST_SYSTEMS:
            return
    for system in ids.fields:
        at = f"{path}.{system[:200]}"
        if SYSTEM.fullmatch(system):
            _check_id(ids.fields[system], at, faults)
        else:
            faults.add(
                at[:200],
                FaultCode.FAULT_CODE_INVALID_FORMAT,
                "A system is a letter and up to 31 letters, digits and _, in lower"
                " case.",
            )


def _check_id(value: Value, path: str, faults: Faults) -> None:
    kind = value.WhichOneof("kind")
    if _is_null(value):
        return  # no id, which is how an update removes one
    text = value.string_value
    if kind != "string_value":
        faults.add(path, FaultCode.FAULT_CODE_INVALID_TYPE, "Give a string.")
    elif not text:
        faults.add(path, FaultCode.FAULT_CODE_TOO_SHORT, "The id is empty.")
    elif "\0" in text:
        code = FaultCode.FAULT_CODE_INVALID
        faults.add(path, code, "The text holds a NUL character.")
    elif len(text) > MOST_CHARACTERS:
        code = FaultCode.FAULT_CODE_TOO_LONG
        message = f"The text has more than {MOST_CHARACTERS} characters."
        faults.add(path, code, message)


def drop_nulls(ids: Struct) -> None:
    """Removes the systems for which null was given."""
    held = ids.fields  # its `items` cost more than to look each up
    for system in [each for each in held if _is_null(held[each])]:
        del held[system]


def _is_null(value: Value) -> bool:
    return value.WhichOneof("kind") in (None, "null_value")
