"""An erasure changes what names the person, and nothing else, by any name.

A workspace keeps filters, requests and files of its own, and some that name each of
some people. After each erasure, what names that person is without them, and all that
names nobody, or somebody else, is as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.client import Client
from tests.end_to_end.erasure.erasing import erased
from tests.end_to_end.imports.sending import begun, errors_of, imported, table
from tests.end_to_end.webhooks.kept import body as webhook

# People who are found by their names, and people whose names find nobody.
NAMED = (("Li", "An"), ("System", "Import"), ("😀", "Ünal"), ("FAILED", "z" * 90))
WORDLESS = ((".", "-"), ("Partner", "."), ("?", "Email"), ("_", "Source"))
COUNT = {"measures": [{"op": "count", "as": "n"}]}
KEPT = ("filters", "active", "aggregate", "defaults", "mapping", "result", "problem")


@dataclass(slots=True)
class Workspace:
    """Paths of what is kept, by who is named there; and where an answer is replayed."""

    client: Client
    paths: dict[str, list[str]] = field(default_factory=dict)
    repeated: list[tuple[str, Any]] = field(default_factory=list)

    def keep(self, whose: str, path: str) -> None:
        self.paths.setdefault(whose, []).append(path)

    def seen(self, path: str) -> Any:
        """What is kept there."""
        if path.endswith(".csv"):
            return errors_of(self.client, path.split("/")[2])
        answer = self.client.get(path)
        assert answer.status == 200, (path, answer.body)
        return {name: answer.json[name] for name in KEPT if name in answer.json}

    def all_seen(self) -> Mapping[str, Any]:
        every = [path for paths in self.paths.values() for path in paths]
        return {path: self.seen(path) for path in every}


def condition(name: str, operator: str, value: str) -> dict[str, str]:
    return {"field": name, "operator": operator, "value": value}


def keep_filters(
    its: Workspace, whose: str, filters: Sequence[Any], types: str
) -> None:
    """A webhook, a report and an export with some filters."""
    client, resource = its.client, {"contact.*": "contacts"}.get(types, "activities")
    given = webhook(types=[types], filters=filters)
    key = f"hook-{len(its.repeated)}"
    answer = client.post("/webhooks", given, idempotency_key=key)
    assert answer.status == 201, answer.body
    its.keep(whose, f"/webhooks/{answer.json['id']}")
    if not whose:
        its.repeated.append((key, given))
    about = {"name": "R", "resource": resource, "chart": "table"}
    aggregate = {"filters": filters, **COUNT}
    made = client.create("/reports", {**about, "aggregate": aggregate})
    its.keep(whose, f"/reports/{made['id']}")
    asked = {"resource": resource, "filters": filters, "format": "ndjson"}
    its.keep(whose, f"/exports/{client.create('/exports', asked)['id']}")


def keep_files(
    its: Workspace, whose: str, header: str, row: Sequence[str], **defaults: str
) -> None:
    """An import that waits, one with rejected rows, and a dry run that has shown them."""
    client = its.client
    its.keep(whose, f"/imports/{begun(client, defaults=defaults)}")
    cells = ",".join(row)
    ended = imported(client, table(header, cells, "bad,x,y,q"))
    its.keep(whose, f"/imports/{ended['id']}/errors.csv")
    shown = imported(client, table(header, cells), dry_run=True)
    its.keep(whose, f"/imports/{shown['id']}")
    if not whose:
        its.keep(whose, f"/jobs/{shown['job_id']}")


def furnished(client: Client) -> Workspace:
    """A workspace with what names nobody, and what names each of some people."""
    its = Workspace(client)
    by_people = [
        condition("type", "neq", "system"),
        condition("source", "neq", "import"),
    ]
    keep_filters(its, "", by_people, "activity.created")
    own = [
        condition("source", "neq", "import"),
        condition("email", "not_contains", "@ourselves.example"),
        condition("city", "neq", "Alabama"),
    ]
    keep_filters(its, "", own, "contact.*")
    keep_filters(its, "", [condition("source", "neq", "partner")], "contact.*")
    header = "Email,First name,Last name,Source"
    other = ("bad", "Alice", "Anderson", "import")
    keep_files(its, "", header, other, source="partner", city="Lisbon")
    twice = imported(client, table("system,system", "a,b"))
    its.keep("", f"/imports/{twice['id']}")
    for first, last in NAMED:
        whose = f"{first} {last}"
        keep_filters(
            its, whose, [condition("email", "neq", whose.upper())], "contact.*"
        )
        row = ("bad", first, last, "x")
        keep_files(its, whose, header, row, first_name=first, last_name=last)
    return its


def test_what_names_a_person_goes_and_nothing_else(owner: Client) -> None:
    people = {
        f"{a} {b}": {"first_name": a, "last_name": b} for a, b in NAMED + WORDLESS
    }
    ids = {name: owner.create("/contacts", body)["id"] for name, body in people.items()}
    its = furnished(owner)
    before = dict(its.all_seen())
    assert all(before.values())
    for name in (*(f"{a} {b}" for a, b in WORDLESS), *(f"{a} {b}" for a, b in NAMED)):
        erased(owner, f"/contacts/{ids[name]}")
        own, after = set(its.paths.get(name, ())), its.all_seen()
        for path, now in after.items():
            told = (name, path, before[path], now)
            assert (now == before[path]) is (path not in own), told
            assert path not in own or is_without(now, people[name]), told
        before.update(after)
        for key, given in its.repeated:
            again = owner.post("/webhooks", given, idempotency_key=key)
            assert again.status == 201, (name, again.body)


def is_without(kept: Any, names: Mapping[str, str]) -> bool:
    """Whether something has none of the names any more."""
    text = kept.decode() if isinstance(kept, bytes) else str(kept)
    return not all(each.casefold() in text.casefold() for each in names.values())
