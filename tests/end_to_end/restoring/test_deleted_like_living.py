"""Deleted records are found by what they were found by while they lived.

What living ones are found by is held against an oracle elsewhere.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_RESTORE

from tests.client import Client
from tests.end_to_end.search.test_record_searches import conditions
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES, Resource
from tests.world import Tenant

# What cannot be restored is not searched for once it is deleted.
RESTORED = [
    each
    for each in RESOURCES.values()
    if "Delete" in each.verbs
    and not each.policy.archives
    and STANDARD_METHOD_RESTORE not in each.policy.without
]


def questions(resource: Resource, records: list[Any]) -> Iterator[dict[str, Any]]:
    """A search by two values of every field, and its opposite, and every order.

    The last change of a deleted record is its deletion.
    """
    for field in resource.fields:
        if field.policy.filterable and field.name != "updated_at":
            for record in records[:2]:
                positive, negative = conditions(field, record[field.name])
                yield {"filters": [positive]}
                yield {"filters": [{"any": [negative, {"not": positive}]}]}
        if field.policy.sortable and field.name != "updated_at":
            for direction in ("asc", "desc"):
                yield {"order_by": field.name, "sort_direction": direction}
    yield {"search_text": "a"}
    yield {"search_text": "1 e"}


@pytest.mark.parametrize("resource", RESTORED, ids=str)
def test_what_found_them_finds_them_deleted(
    resource: Resource, owner: Client, tenant: Tenant
) -> None:
    made = Maker(owner, tenant.users).several(resource)
    records = [each for each in made if each.get("source") != "system"]
    ids = [each["id"] for each in records]
    own = {"field": "id", "operator": "in", "values": ids}
    asked = list(questions(resource, records))

    def found(question: dict[str, Any], **more: Any) -> list[str]:
        body = question | {"filters": [own, *question.get("filters", ())]}
        return [e["id"] for e in owner.search(resource.path, **body, **more)["data"]]

    before = [found(each) for each in asked]
    for each in ids:
        assert owner.delete(f"{resource.path}/{each}").status == 204
    for question, expected in zip(asked, before, strict=True):
        assert found(question, deleted=True) == expected, question
