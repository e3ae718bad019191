"""An erasure changes what names the person, and nothing else, by any name.

A workspace keeps filters, requests and files of its own, and some that name each of
some people. After each erasure, what names that person is without them, and all that
names nobody, or somebody else, is as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.client import Client
from tests.end_to_end.erasure.erasing import erased
from tests.end_to_end.imports.sending import begun, errors_of, imported, table
from tests.end_to_end.webhooks.kept import body as webhook
from tests.harness.promptly import within

# People who are found by their names, and people whose names find nobody.
NAMED = (("Li", "An"), ("System", "Import"), ("😀", "Ünal"), ("FAILED", "z" * 90))
WORDLESS = ((".", "-"), ("Partner", "."), ("?", "Email"), ("_", "Source"))
COUNT = {"measures": [{"op": "count", "as": "n"}]}
KEPT = ("filters", "active", "aggregate", "defaults", "mapping", "result", "problem")


@dataclass(slots=True)
class Workspace:
    """Paths of what is kept, by who is named there; and keys with their requests."""

    client: Client
    paths: dict[str, list[str]] = field(default_factory=lambda: {"": []})
    repeated: list[tuple[str, Any]] = field(default_factory=list)

    def keep(self, whose: str, path: str) -> None:
        self.paths.setdefault(whose, []).append(path)

    def seen(self, path: str) -> Any:
        """What is kept there."""
        if path.endswith(".csv"):
            return errors_of(self.client, path.split("/")[2])
        answer = self.client.get(path)
        assert answer.status == 200, (path, answer.body)
        if path.startswith("/exports/"):  # which go on, and lose their files
            return answer.json["filters"]
        return {name: answer.json[name] for name in KEPT if name in answer.json}

    def has_changed(self, path: str, before: Any) -> bool:
        return bool(self.seen(path) != before)

    def all_seen(self) -> dict[str, Any]:
        every = [path for paths in self.paths.values() for path in paths]
        return {path: self.seen(path) for path in every}


def condition(name: str, operator: str, value: str) -> dict[str, str]:
    return {"field": name, "operator": operator, "value": value}


def keep_filters(
    its: Workspace, whose: str, filters: Sequence[Any], resource: str = "contacts"
) -> None:
    """A webhook, a report and an export with some filters."""
    client = its.client
    types = ["contact.*" if resource == "contacts" else "activity.created"]
    given, key = webhook(types=types, filters=filters), f"hook-{len(its.paths[''])}"
    made = client.post("/webhooks", given, idempotency_key=key)
    assert made.status == 201, made.body
    its.keep(whose, f"/webhooks/{made.json['id']}")
    if not whose:
        its.repeated.append((key, given))
    body = {"name": "R", "resource": resource, "chart": "table"}
    report = client.create(
        "/reports", body | {"aggregate": {"filters": filters} | COUNT}
    )
    its.keep(whose, f"/reports/{report['id']}")
    asked = {"resource": resource, "filters": filters, "format": "ndjson"}
    its.keep(whose, f"/exports/{client.create('/exports', asked)['id']}")


def keep_files(its: Workspace, whose: str, row: Sequence[str], **defaults: str) -> None:
    """An import that waits, one with rejected rows, and a dry run with a shown row."""
    client, header = its.client, "Email,First name,Last name,Source"
    its.keep(whose, f"/imports/{begun(client, defaults=defaults)}")
    cells = ",".join(row)
    ended = imported(client, table(header, cells, "bad,x,y,q"))
    its.keep(whose, f"/imports/{ended['id']}/errors.csv")
    its.keep("", f"/imports/{ended['id']}")
    shown = imported(client, table(header, cells), dry_run=True)
    its.keep(whose, f"/imports/{shown['id']}")
    its.keep("", f"/jobs/{shown['job_id']}")


def furnished(client: Client) -> Workspace:
    """A workspace with what names nobody, and what names each of some people."""
    its = Workspace(client)
    chosen = [condition("type", "neq", "system"), condition("source", "neq", "api")]
    keep_filters(its, "", chosen, "activities")
    own = [
        condition("source", "neq", "import"),
        condition("email", "not_contains", "@ourselves.example"),
        condition("city", "neq", "Alabama"),
    ]
    keep_filters(its, "", own)
    keep_filters(its, "", [condition("source", "neq", "partner")])
    alice = "bad", "Alice", "Anderson", "import"
    keep_files(its, "", alice, source="partner", city="Lisbon")
    twice = imported(client, table("system,system", "a,b"))
    its.keep("", f"/imports/{twice['id']}")
    for first, last in NAMED:
        whose = f"{first} {last}"
        keep_filters(its, whose, [condition("name", "neq", whose.upper())])
        row = "bad", first, last, "x"
        keep_files(its, whose, row, first_name=first, last_name=last)
    return its


def test_what_names_a_person_goes_and_nothing_else(owner: Client) -> None:
    everybody = [(f"{a} {b}", a, b) for a, b in WORDLESS + NAMED]
    people = {name: {"first_name": a, "last_name": b} for name, a, b in everybody}
    ids = {
        name: owner.create("/contacts", {**body, "email": f"p{n}@hostile.example"})[
            "id"
        ]
        for n, (name, body) in enumerate(people.items())
    }
    its = furnished(owner)
    before = its.all_seen()
    assert all(before.values())
    for name, names in people.items():
        erased(owner, f"/contacts/{ids[name]}")
        for path in its.paths.get(name, ()):  # a worker writes files anew
            assert within(60, partial(its.has_changed, path, before[path])), path
            now = before[path] = its.seen(path)
            assert is_without(now, names), (name, path, now)
        for path, now in its.all_seen().items():
            assert now == before[path], (name, path, before[path], now)
        for key, given in its.repeated:
            again = owner.post("/webhooks", given, idempotency_key=key)
            assert again.status in (200, 201), (name, again.body)


def is_without(kept: Any, names: Mapping[str, str]) -> bool:
    """Whether something has none of the names any more."""
    text = kept.decode() if isinstance(kept, bytes) else str(kept)
    return not all(each.casefold() in text.casefold() for each in names.values())
