"""The model of confirmations: what was given for which call, in which state."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.client import Client
from tests.edge.mcp.assistant import head

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A destructive call, and the contacts that it names."""

    tool: str
    arguments: str  # as JSON, so that calls can be compared
    about: tuple[str, ...]


@dataclass(slots=True)
class Given:
    """A confirmation: its call, the token that made that, and when it was given."""

    text: str
    call: Call
    token: str
    versions: tuple[int, ...]
    is_spent: bool = False


@dataclass(slots=True)
class World:
    """The contacts that there should be, with the number of changes of each."""

    client: Client
    tokens: list[str]
    versions: dict[str, int] = field(default_factory=dict)
    tags: dict[str, set[str | None]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    given: list[Given] = field(default_factory=list)

    def contact(self) -> str:
        email = f"c{len(self.versions)}@confirmed.example"
        made = self.client.create("/contacts", {"email": email, "tags": ["a", "b"]})
        self.versions[made["id"]], self.tags[made["id"]] = 0, {"a", "b"}
        return str(made["id"])

    def change(self, contact: str) -> None:
        self.versions[contact] += 1
        title = {"job_title": f"Engineer {self.versions[contact]}"}
        assert self.client.patch(f"/contacts/{contact}", title).status == 200

    def of(self, call: Call) -> tuple[int, ...]:
        """The state of what a call is about; empty if some of it is gone."""
        if set(call.about) & self.gone:
            return ()
        return tuple(self.versions[each] for each in call.about)

    def done(self, call: Call) -> None:
        first, *others = call.about
        tags = {json.loads(call.arguments).get("tag")}
        if call.tool == "remove_contact_tag" and not tags & self.tags[first]:
            return  # what it does not have changes nothing
        self.tags[first] -= tags
        for each in others:
            self.tags[first] |= self.tags[each]
        for each in call.about:
            self.versions[each] += 1
        if call.tool in ("delete_contact", "batch", "erase_contact"):
            self.gone |= set(call.about)
        self.gone |= set(others)
        if first not in self.gone:
            assert self.client.get(f"/contacts/{first}").status == 200


def tool(client: Client, token: str, name: str, arguments: Json) -> Json:
    """Calls a tool; returns its result."""
    params = {"name": name, "arguments": arguments}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    data = json.dumps(asked).encode()
    answer = client.raw("POST", "/mcp", data, head(token=token))
    assert answer.status == 200, answer.body
    result: Json = answer.json["result"]
    return result
