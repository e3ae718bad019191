"""Groups by associated records, and by fields of theirs, as a model makes them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from random import Random

import pytest

from tests.end_to_end.associations.associated_world import (
    PATHS,
    WAYS,
    Searcher,
    fill,
    searcher,
)
from tests.end_to_end.figures.asking import counts
from tests.promises.figures_oracle import exact, value_of
from tests.promises.oracle import LINKS, seen_by
from tests.stacks import Stack
from tests.world import new_tenant

# Fields of the associated records: texts, lists, choices, numbers, own and free ones.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "companies": ("name", "city", "tags"),
    "contacts": ("lifecycle_stage", "lead_score", "owner_id", "custom_fields.plan"),
    "deals": ("status", "value", "custom_fields.seats"),
    "notes": ("pinned", "deal_id"),
    "objects/licenses/records": ("name", "custom_fields.seats"),
}


@pytest.fixture(scope="module")
def people(
    running_stacks: Callable[[str], Stack],
) -> Iterator[Mapping[str, Searcher]]:
    """The owner, who sees all, and a member, who sees their own."""
    tenant = new_tenant(running_stacks("together"))
    with ExitStack() as opened:
        owner, member = tenant.client(), tenant.client("member")
        for each in (owner, member):
            opened.callback(each.close)
        fill(tenant, owner, Random(16))
        paths = {*PATHS, *LINKS.values()}
        world = {path: owner.pages(f"/{path}") for path in paths}
        seen = seen_by(tenant.users["member"], world)
        yield {
            "owner": searcher(owner, world, owner),
            "member": searcher(member, seen, owner),
        }


@pytest.mark.parametrize("who", ["owner", "member"])
@pytest.mark.parametrize(("path", "name", "far"), WAYS)
def test_associated_records_make_groups(
    people: Mapping[str, Searcher], who: str, path: str, name: str, far: str
) -> None:
    asker = people[who]
    for field in ("", *FIELDS[far]):
        expected = Counter[object]()
        for record in asker.world[path]:
            values = set[object]()
            for each in asker.associated(record, name, far):
                value = value_of(each, field) if field else each["id"]
                several = value if isinstance(value, list) else [value]
                values |= {exact(one) for one in several}
            expected.update(values or {None})
        group = f"{name}.{field}" if field else name
        assert counts(asker.client, path, group, limit=1_000) == expected, group
