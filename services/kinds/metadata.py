"""Metadata: a JSON object of any shape on a record, limited in size and depth."""

import math
from collections.abc import Callable
from typing import Any

import orjson
from google.protobuf.struct_pb2 import Struct
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults
from services.kinds.custom_fields import Json, to_json

# A value in protobuf has at most so many times its bytes in JSON: `0,` in an array has
# two bytes in JSON and eleven in protobuf.
MOST_TIMES = 8
# The fewest bytes of a key and its value in JSON.
LEAST_BYTES = 4


def metadata_rule(
    most_bytes: int, most_depth: int
) -> Callable[[Any, Struct, str, Faults], None]:
    """Returns the rule that limits a struct's bytes of JSON and its levels."""

    too_large = f"Give at most {most_bytes} bytes of JSON."

    def rule(_: Any, value: Struct, path: str, faults: Faults) -> None:
        # Before the struct is converted. With many keys even `ByteSize` is slow.
        if (
            len(value.fields) > most_bytes // LEAST_BYTES
            or value.ByteSize() > MOST_TIMES * most_bytes
        ):
            faults.add(path, FaultCode.FAULT_CODE_TOO_LARGE, too_large)
            return
        content = to_json(value)
        if _depth(content) > most_depth:
            message = f"Give at most {most_depth} levels."
            faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
            return
        text = orjson.dumps(content)
        if len(text) > most_bytes:
            faults.add(path, FaultCode.FAULT_CODE_TOO_LARGE, too_large)
        elif _is_unfit(content):
            message = "A text holds a NUL character, or a number is not finite."
            faults.add(path, FaultCode.FAULT_CODE_INVALID, message)

    return rule


def _depth(value: Json) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def _is_unfit(value: Json) -> bool:
    """Whether the database could not store the value unchanged."""
    if isinstance(value, dict):
        return any("\0" in key or _is_unfit(each) for key, each in value.items())
    if isinstance(value, list):
        return any(map(_is_unfit, value))
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, str) and "\0" in value
