"""Types of association and associations that searches look through."""

from collections.abc import Callable
from random import Random

from tests.client import Client

MANY = 40
_OBJECTS = ("contacts", "companies", "deals", "tasks", "notes")
_CARDINALITIES = ("many_to_many", "one_to_many", "one_to_one")


def associate_some(client: Client, random: Random, text: Callable[[], str]) -> None:
    """Defines types between any records, archives some, and associates records."""
    types = [_define(client, random, text, number) for number in range(MANY // 2)]
    ids = {path: [e["id"] for e in client.pages(f"/{path}")] for path in _OBJECTS}
    for _ in range(2 * MANY):
        kind = random.choice(types)
        body = {
            "type": kind["key"],
            "from_id": random.choice(ids[kind["from_object"]]),
            "to_id": random.choice(ids[kind["to_object"]]),
            "role": random.choice((None, text()[:100])),
        }
        assert client.post("/associations", body).status in (200, 201, 422)
    for kind in types[::6]:
        assert client.delete(f"/association_types/{kind['id']}").status == 204


def _define(
    client: Client, random: Random, text: Callable[[], str], number: int
) -> dict[str, str]:
    body = {
        "key": f"own_{number % 7}_{number}",
        "from_object": random.choice(_OBJECTS),
        "to_object": random.choice(_OBJECTS),
        "label": f"{text()} {number % 5}",
        "inverse_label": f"{text()} {number % 3}",
        "cardinality": random.choice(_CARDINALITIES),
    }
    made: dict[str, str] = client.create("/association_types", body)
    return made
