"""What the fields of requests say: their rules, and the records that they name."""

from typing import Any

from google.api.field_behavior_pb2 import field_behavior
from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.options.v1 import options_pb2

from edge.transcoder.routes import Route
from tests.promises.records_suite import Field

# A hold is no record; `test_holds.py` asks for those of others.
_HOLD = "hold_id"


def request_of(route: Route) -> Any:
    """The descriptor of a request."""
    return route.request_class.DESCRIPTOR


def field_of(item: FieldDescriptor) -> Field:
    """A field of a request, as the suites of records know fields."""
    options = item.GetOptions()
    behaviors = frozenset(options.Extensions[field_behavior])
    policy = options.Extensions[options_pb2.field]
    return Field(item.name, item, policy, behaviors)


def target_of(item: FieldDescriptor) -> str:
    """The resource whose id a field holds, by its option or else by its name."""
    policy = item.GetOptions().Extensions[options_pb2.field]
    if item.type != FieldDescriptor.TYPE_STRING or item.is_repeated or policy.internal:
        return ""
    if item.name == _HOLD:
        return ""
    return policy.references or (
        item.name.removesuffix("_id") if item.name.endswith("_id") else ""
    )
