"""What comes back leads to the survivors of what was merged while it was deleted."""

from typing import Any

from tests.client import Client
from tests.end_to_end.merging.merged import contact, merge


def _ended(client: Client, at: str) -> None:
    assert client.delete(at).status == 204


def test_links_lead_to_the_survivor(owner: Client) -> None:
    old, new = (owner.create("/companies", {"name": each})["id"] for each in "ab")
    ada = f"/contacts/{contact(owner, 'ada', company_id=old)}"
    body = {"body": "Hi", "company_id": old}
    note = f"/notes/{owner.create('/notes', body)['id']}"
    for each in (ada, note):
        _ended(owner, each)
    merge(owner, new, old, path="/companies")
    for each in (ada, note):
        back = owner.post(f"{each}/restore")
        assert back.status == 200, back.body
        assert back.json["company_id"] == new
        told: Any = owner.post(f"{each}/history", {"fields": ["company_id"]}).json
        assert [(e["from"], e["to"]) for e in told["data"]] == [(old, new), (None, old)]


def test_a_survivor_that_is_deleted_is_led_to_no_more(owner: Client) -> None:
    old, new = (owner.create("/companies", {"name": each})["id"] for each in "ab")
    ada = f"/contacts/{contact(owner, 'ada', company_id=old)}"
    _ended(owner, ada)
    merge(owner, new, old, path="/companies")
    _ended(owner, f"/companies/{new}")
    assert owner.post(f"{ada}/restore").json["company_id"] is None


def test_fields_of_the_tenants_own_lead_to_the_survivor(owner: Client) -> None:
    boss = {"key": "boss", "type": "record", "label": "Boss", "target": "contacts"}
    owner.create("/fields", {"object": "contacts", **boss})
    old, new = contact(owner, "old"), contact(owner, "new")
    ada = f"/contacts/{contact(owner, 'ada', custom_fields={'boss': old})}"
    _ended(owner, ada)
    merge(owner, new, old)
    back = owner.post(f"{ada}/restore")
    assert back.json["custom_fields"] == {"boss": new}
    own = {"field": "custom_fields.boss", "operator": "eq", "value": new}
    assert len(owner.search("/contacts", filters=[own])["data"]) == 1


def test_associations_lead_to_the_survivor(owner: Client) -> None:
    deal = owner.create("/deals", {"name": "D"})["id"]
    old, new = contact(owner, "old"), contact(owner, "new")
    ends = {"type": "deal_contacts", "from_id": deal, "to_id": old}
    at = f"/associations/{owner.create('/associations', ends)['id']}"
    _ended(owner, at)
    merge(owner, new, old)
    assert owner.post(f"{at}/restore").json["to_id"] == new


def test_no_association_of_a_record_with_itself_comes_back(owner: Client) -> None:
    kind = {"key": "referral", "label": "Referred by", "inverse_label": "Referrals"}
    both = {"from_object": "contacts", "to_object": "contacts"}
    owner.create("/association_types", kind | both)
    old, new = contact(owner, "old"), contact(owner, "new")
    ends = {"type": "referral", "from_id": new, "to_id": old}
    at = f"/associations/{owner.create('/associations', ends)['id']}"
    _ended(owner, at)
    merge(owner, new, old)
    refused = owner.post(f"{at}/restore")
    assert refused.status == 422, refused.body
    assert refused.codes == {"to_id": "invalid"}
