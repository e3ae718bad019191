"""`Content-Location` tells what an answer is where the path does not (RFC 9110, 8.7).

That is so for the id of a merged record alone. An answer that is no record of the path,
such as a history or a list of duplicates, has none.
"""

from dataclasses import replace
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.documents.every_operation import one_pass
from tests.end_to_end.documents.scenes import Scene, set_scene
from tests.end_to_end.merging.merged import merge
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES
from tests.world import ALL_SCOPES, Tenant

HEADER = "content-location"
# Their answers are the record, also where the path has another of its ids.
LED = ("Get", "Update", "Merge")


def told(client: Client, scene: Scene) -> dict[str, tuple[str | None, str | None]]:
    """What each operation that succeeds answers with: the id of the record, if it is
    one, and the header."""
    found = {}
    for sample in one_pass(scene, 0):
        answer = client.send(sample.method, sample.path, sample.body)
        if answer.status in (200, 201):
            header = answer.headers.get(HEADER)
            found[sample.name] = record_id(answer.json), header
    return found


def record_id(answer: Any) -> str | None:
    """The id of the record that an answer is, or holds as its only one."""
    if not isinstance(answer, dict):
        return None
    record = answer.get("data", answer)
    return record.get("id") if isinstance(record, dict) else None


def test_no_operation_on_living_records_has_it(tenant: Tenant, owner: Client) -> None:
    owner.token = tenant.token((*ALL_SCOPES, "token.all"))
    scene = set_scene(Maker(owner, tenant.users), page=1)
    found = told(owner, scene)
    assert {name for name, (_, header) in found.items() if header} == set()
    assert len(found) > 100  # most operations succeed


@pytest.mark.parametrize("kind", ["contact", "company", "deal", "record"])
def test_an_old_id_has_it_where_the_answer_is_the_survivor(
    tenant: Tenant, owner: Client, kind: str
) -> None:
    maker, collection = Maker(owner, tenant.users), RESOURCES[kind].path
    if kind == "record":
        maker.prepare(RESOURCES[kind])
    scene = set_scene(maker, [kind], page=1)
    old, new = scene.records[kind], str(maker.create(RESOURCES[kind])["id"])
    merge(owner, new, old, path=collection)
    found = told(owner, replace(scene, records={kind: old}))
    for name, (answered, header) in found.items():
        expected = f"/v1{collection}/{new}" if answered == new else None
        is_named = not name.startswith(("Upsert", "Create"))  # no id in the path
        assert header == (expected if is_named else None), name
    led = {name for name, (_, header) in found.items() if header}
    assert all(any(name.startswith(verb) for name in led) for verb in LED), found
