"""What a history tells besides values: merges, tokens, and since when it is kept."""

from typing import Any

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.merging.merged import contact, merge, unmerge
from tests.world import Tenant


def history(client: Client, record_id: str, **asked: Any) -> Any:
    answer = client.post(f"/contacts/{record_id}/history", {"limit": 100, **asked})
    assert answer.status == 200, answer.body
    return answer.json


def told(client: Client, record_id: str) -> list[tuple[str, str, str | None]]:
    """Fields, operations and merges, the oldest first; no creation."""
    return [
        (each["field"], each["operation"], each["merge_id"])
        for each in reversed(history(client, record_id)["data"])
        if each["operation"] != "created"
    ]


def test_a_merge_and_its_undoing_are_named(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other", city="Rome")
    owner.patch(f"/contacts/{other}", {"state": "Lazio"})
    first = merge(owner, ada, other)["merge_id"]
    merged = [(name, "merged", first) for name in ("merged_ids", "state", "city")]
    assert sorted(told(owner, ada)) == sorted(merged)
    assert told(owner, other) == told(owner, ada)  # the id leads there meanwhile
    owner.patch(f"/contacts/{ada}", {"state": "NY"})
    unmerge(owner, ada, first)
    undone = [(name, "unmerged", first) for name in ("merged_ids", "city")]
    after = [("state", "updated", None), *undone]
    assert sorted(told(owner, ada), key=str) == sorted([*merged, *after], key=str)
    ends = [("deleted_at", "merged", first), ("deleted_at", "unmerged", first)]
    assert told(owner, other) == [("state", "updated", None), *ends]
    only = history(owner, other, fields=["deleted_at"], limit=1)["data"]
    assert [(each["operation"], each["merge_id"]) for each in only] == [
        ("unmerged", first)
    ]
    second = merge(owner, ada, other)["merge_id"]
    assert ("city", "merged", second) in told(owner, ada)


def test_what_a_merge_moves_is_told_of_it_too(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    company = owner.create("/companies", {"name": "Acme"})["id"]
    note = owner.create("/notes", {"body": "Hi", "contact_id": other})["id"]
    pair = {"type": "deal_contacts", "to_id": other}
    deal = owner.create("/deals", {"name": "Pump"})["id"]
    made = owner.create("/associations", {**pair, "from_id": deal})["id"]
    merge_id = merge(owner, ada, other)["merge_id"]
    unmerge(owner, ada, merge_id)
    owner.patch(f"/notes/{note}", {"contact_id": ada, "company_id": company})
    owner.patch(f"/notes/{note}", {"contact_id": other})
    for path, field in (
        ("/notes/" + note, "contact_id"),
        ("/associations/" + made, "to_id"),
    ):
        entries = owner.post(f"{path}/history", {"fields": [field]}).json["data"]
        told = [
            (each["operation"], each["merge_id"], each["from"], each["to"])
            for each in entries
            if each["operation"] != "created"
        ]
        by_user = [("updated", None, ada, other), ("updated", None, other, ada)]
        assert told == [
            *(by_user if path.startswith("/notes") else ()),
            ("unmerged", merge_id, ada, other),
            ("merged", merge_id, other, ada),
        ]


def test_a_deletion_of_who_merges_is_still_a_deletion(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other", city="Rome")
    unmerge(owner, ada, merge(owner, ada, other)["merge_id"])
    assert owner.delete(f"/contacts/{other}").status == 204
    assert owner.post(f"/contacts/{other}/restore").status == 200
    names = [operation for _, operation, _ in told(owner, other)]
    assert names == ["merged", "unmerged", "deleted", "restored"]


def test_a_history_without_entries_says_since_when_it_is_kept(owner: Client) -> None:
    ada = contact(owner, "ada")
    record = owner.get(f"/contacts/{ada}").json
    empty = history(owner, ada, fields=["city"])
    assert empty["data"] == []
    # The tenant is younger than changes are kept.
    assert "2026" < empty["kept_since"] <= record["created_at"]
    assert history(owner, ada)["kept_since"] == empty["kept_since"]


def test_tokens_are_told_to_their_users_and_to_administrators(
    owner: Client, member: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    ada = contact(owner, "ada", owner_id=tenant.users["member"])
    admin = open_client(tenant.tokens["admin"])
    assert member.patch(f"/contacts/{ada}", {"city": "Rome"}).status == 200
    tokens = dict[str, list[Any]]()
    for name, client in (("owner", owner), ("admin", admin), ("member", member)):
        entries = history(client, ada, fields=["city", "email"])["data"]
        tokens[name] = [each["token_id"] for each in entries]
    of_member, of_owner = tokens["owner"]
    assert of_member.startswith("pat_")
    assert of_owner.startswith("pat_")
    assert of_member != of_owner
    assert tokens["admin"] == tokens["owner"]
    assert tokens["member"] == [of_member, None]
