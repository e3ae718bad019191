"""A reader of the feed, as tests use it."""

from typing import Any

from tests.client import Client
from tests.harness.promptly import within
from tests.world import let_transactions_end

BOTH = ["changed", "state"]


class Reader:
    """Reads the feed from one cursor to the next."""

    def __init__(self, client: Client, start: str = "now", **query: Any) -> None:
        self.client, self.query = client, query
        self.cursor = ""
        self.start = start
        if start == "now":
            assert self.page() == []

    def ask(self, **more: Any) -> Any:
        """One request, with all that was committed before it; any status."""
        let_transactions_end()
        where = {"cursor": self.cursor} if self.cursor else {"start": self.start}
        return self.client.post("/changes/read", {**where, **self.query, **more})

    def page(self, **more: Any) -> list[Any]:
        """One page."""
        answer = self.ask(**more)
        assert answer.status == 200, answer.body
        self.cursor = answer.json["meta"]["cursor"]["next"]
        self.has_more = answer.json["meta"]["cursor"]["has_more"]
        found: list[Any] = answer.json["data"]
        return found

    def read(self, **more: Any) -> list[Any]:
        """All that there is."""
        found = self.page(**more)
        while self.has_more:
            found += self.page(**more)
        return found


def types(changes: list[Any]) -> list[str]:
    """The types of changes."""
    return [each["type"] for each in changes]


def let_all_be_told(client: Client) -> None:
    """Returns when the feed has told all that was committed before the call.

    The feed waits for the oldest transaction of the database, so on a busy machine a
    change may be told some time after its commit.
    """
    reader = Reader(client, resources=["companies"])
    made = client.create("/companies", {"name": "The last change"})
    told: set[str] = set()

    def is_told() -> bool:
        told.update(each["record"]["id"] for each in reader.read())
        return made["id"] in told

    assert within(30, is_told)
