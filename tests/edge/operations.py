"""The public operations by the names of their methods, for tests of the codec."""

from typing import Any

from edge.operations import compile_operation
from edge.surface import public_services
from edge.transcoder.routes import routes_of

OPERATIONS = {
    route.rpc.rpartition("/")[2]: compile_operation(route)
    for route in routes_of(public_services())
}
CREATE, UPDATE = OPERATIONS["CreateContact"], OPERATIONS["UpdateContact"]
SEARCH, UPSERT = OPERATIONS["SearchContacts"], OPERATIONS["UpsertContact"]


def nested(depth: int) -> Any:
    """A body whose containers nest `depth` deep, itself included."""
    value: Any = 1
    for _ in range(depth - 2):
        value = [value]
    return {"custom_fields": {"a": value}} if depth > 1 else {}
