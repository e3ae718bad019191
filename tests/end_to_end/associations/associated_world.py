"""People who search by associated records, what they see, and what they may ask.

The oracle knows the records and associations as the API returns them. An associated
record that a caller does not see is none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.client import Client
from tests.end_to_end.associations.associating import associate, define, found
from tests.end_to_end.schema.custom import RECORDS as RECORDS_OF_OBJECT
from tests.end_to_end.schema.custom import define_object
from tests.end_to_end.search.queries import conditions, values_of
from tests.promises.oracle import Filter, Record, World, matches
from tests.promises.oracle_records import RECORDS
from tests.promises.record_values import new_id
from tests.world import Tenant

LICENSES = RECORDS_OF_OBJECT.removeprefix("/")
PATHS = ("companies", "contacts", "deals", "notes", LICENSES)
CITIES = ("Berlin", "berlin", "Rio", "São Paulo", None)

# The types by their keys: the records at both ends, and the field that a type follows.
TYPES: Mapping[str, tuple[str, str, str]] = {
    "contact_company": ("contacts", "companies", "company_id"),
    "deal_contact": ("deals", "contacts", "contact_id"),
    "deal_company": ("deals", "companies", "company_id"),
    "deal_contacts": ("deals", "contacts", ""),
    "company_parent": ("companies", "companies", ""),
    "knows": ("contacts", "contacts", ""),
    "about": ("notes", "deals", ""),
    "uses": ("contacts", LICENSES, ""),
    "replaces": (LICENSES, LICENSES, ""),
}
# From which records a filter leads to which: the path, the name, and the other path.
WAYS = [
    *((near, f"associations.{key}", far) for key, (near, far, _) in TYPES.items()),
    *(
        (far, f"associations.{key}.inverse", near)
        for key, (near, far, _) in TYPES.items()
    ),
]
FREE = ("custom_fields.plan", "custom_fields.score", "external_ids.crm")
TYPED = "custom_fields.seats"


@dataclass(frozen=True, slots=True)
class Searcher:
    """Someone who searches, and all that they see."""

    client: Client
    world: World
    pairs: Mapping[str, Sequence[tuple[str, str]]]

    def associated(self, record: Record, name: str, path: str) -> list[Record]:
        """The records that a name leads to from a record."""
        key, _, inverse = name.removeprefix("associations.").partition(".")
        near = 1 if inverse else 0
        ids = {pair[1 - near] for pair in self.pairs[key] if pair[near] == record["id"]}
        return [each for each in self.world[path] if each["id"] in ids]

    def holds(self, record: Record, each: Filter, path: str) -> bool:
        """Whether a record fulfils a filter, one of associated records or a group."""
        for group, all_or_any in (("any", any), ("all", all)):
            if group in each:
                return all_or_any(self.holds(record, e, path) for e in each[group])
        if "not" in each:
            return not self.holds(record, each["not"], path)
        name, far = next(
            (name, far)
            for near, name, far in sorted(WAYS, key=lambda way: -len(way[1]))
            if near == path and f"{each['field']}.".startswith(f"{name}.")
        )
        there = self.associated(record, name, far)
        field = each["field"].removeprefix(name).removeprefix(".")
        if field:
            inner = {**each, "field": field}
            return any(matches(e, inner, RECORDS[far]) for e in there)
        ids = {each["id"] for each in there}
        wanted = set(each.get("values", ()))
        return {
            "any_of": bool(ids & wanted),
            "all_of": wanted <= ids,
            "none_of": not ids & wanted,
            "is_empty": not ids,
            "is_not_empty": bool(ids),
        }[str(each["operator"])]

    def check(self, path: str, filters: Sequence[Filter]) -> int:
        """Searches, compares with the oracle, and returns how many are found."""
        expected = {
            record["id"]
            for record in self.world[path]
            if all(self.holds(record, each, path) for each in filters)
        }
        answer = self.client.post(
            f"/{path}/search",
            {"filters": filters, "limit": 100, "include_total": True},
        )
        assert answer.status == 200, (filters, answer.body)
        assert {each["id"] for each in answer.json["data"]} == expected, filters
        assert answer.json["meta"]["total"] == len(expected)
        return len(expected)


def fill(tenant: Tenant, owner: Client, random: Random) -> None:
    """Records of several owners, and associations between any of them."""
    define_object(owner, "licenses")
    for slug in ("contacts", "deals", "companies", "licenses"):
        typed = {"object": slug, "key": "seats", "type": "integer", "label": "Seats"}
        owner.create("/fields", typed)
    define(owner, "knows", from_object="contacts", to_object="contacts")
    define(owner, "about", from_object="notes", to_object="deals")
    define(owner, "uses", from_object="contacts", to_object="licenses")
    define(owner, "replaces", from_object="licenses", to_object="licenses")
    owners = [tenant.users["owner"], tenant.users["member"], None]
    ids: dict[str, list[str]] = {}
    counts = {"companies": 12, "contacts": 20, "deals": 20, LICENSES: 12}
    for path, count in counts.items():
        for n in range(count):
            body = _body(path, n, ids, random) | {"owner_id": random.choice(owners)}
            ids.setdefault(path, []).append(owner.create(f"/{path}", body)["id"])
    for n in range(10):
        link = {"deal_id": random.choice(ids["deals"])}
        made = owner.create("/notes", {"body": f"Note {n}", **link})
        ids.setdefault("notes", []).append(made["id"])
    for key, (near, far, field) in TYPES.items():
        if not field:
            for _ in range(30):
                associate(owner, key, random.choice(ids[near]), random.choice(ids[far]))
    owner.delete(f"/contacts/{ids['contacts'][3]}")
    owner.delete(f"/deals/{ids['deals'][3]}")


def _body(
    path: str, n: int, ids: Mapping[str, Sequence[str]], random: Random
) -> dict[str, Any]:
    """The nth record, with links to some of those before it."""
    custom: dict[str, Any] = {"score": random.choice((1, 2.5, "2", True))}
    custom["plan"] = random.choice(("gold", "Gold", "iron", ["gold", "x"], None))
    if n % 3:
        custom["seats"] = random.randrange(5)
    body: dict[str, Any] = {"custom_fields": custom}
    if n % 4 == 0:
        body["external_ids"] = {"crm": new_id()}
    if path == "deals":
        value = random.choice((None, 0, 10.5, 99))
        body |= {"name": f"Deal {n}", "value": value}
        body["contact_id"] = random.choice([*ids["contacts"], None])
    elif path == LICENSES:
        return body | {"name": f"Plan {n}", "tags": random.choice(([], ["VIP"]))}
    else:
        city, tags = random.choice(CITIES), random.choice(([], ["VIP"]))
        body |= {"city": city, "tags": tags}
    if path == "companies":
        return body | {"name": f"Firm {n}"}
    if path == "contacts":
        body |= {"email": f"c{n}@x.example", "lead_score": random.randrange(4)}
    return body | {"company_id": random.choice([*ids["companies"], None])}


def searcher(client: Client, world: World, everything: Client) -> Searcher:
    pairs: dict[str, list[tuple[str, str]]] = {key: [] for key in TYPES}
    for each in found(everything):
        pairs[each["type"]].append((each["from_id"], each["to_id"]))
    for key, (near, _, field) in TYPES.items():
        if field:
            pairs[key] = [(each["id"], each[field]) for each in world[near]]
    return Searcher(client, world, pairs)


def by_ids(name: str, ids: Sequence[str], random: Random) -> Iterator[Filter]:
    for operator in ("any_of", "all_of", "none_of"):
        some = random.sample(list(ids), random.randint(1, min(3, len(ids))))
        yield {"field": name, "operator": operator, "values": some}
    for operator in ("is_empty", "is_not_empty"):
        yield {"field": name, "operator": operator}


def by_fields(
    name: str, path: str, records: Sequence[Record], random: Random
) -> Iterator[Filter]:
    """Every condition on every field of associated records."""
    facts = RECORDS[path]
    free = FREE if "external_ids" in records[0] else ()
    for field in (*facts.kinds, *free):
        for each in conditions(values_of(records, field, facts), random):
            yield {**each, "field": f"{name}.{each['field']}"}
    for operator in ("eq", "neq", "gt", "gte", "lt", "lte"):
        value = random.randrange(5)
        yield {"field": f"{name}.{TYPED}", "operator": operator, "value": value}


def drawn(who: Searcher, random: Random) -> Iterator[tuple[str, Filter]]:
    """Conditions of all ways, in random order."""
    made = [
        (path, each)
        for path, name, far in WAYS
        if who.world[far]
        for each in (
            *by_ids(name, [e["id"] for e in who.world[far]], random),
            *by_fields(name, far, who.world[far], random),
        )
        if far != "notes" or not each["field"].endswith(TYPED)
    ]
    random.shuffle(made)
    yield from made
