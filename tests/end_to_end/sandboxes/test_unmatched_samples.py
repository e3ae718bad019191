"""No sample record can be matched to the live one that it stands for."""

from typing import Any

from tests.client import Client
from tests.end_to_end.sandboxes.boxes import inside, make
from tests.end_to_end.sandboxes.planting import plant

PATHS = ("/contacts", "/companies", "/deals", "/tasks", "/notes", "/activities")
MOMENTS = ("_at", "_date")


def told(client: Client) -> list[Any]:
    return [record for path in PATHS for record in client.pages(path)]


def moments(records: list[Any]) -> set[str]:
    return {
        value
        for record in records
        for name, value in record.items()
        if value and name.endswith(MOMENTS)
    }


def seconds(records: list[Any]) -> set[str]:
    """What the ids say of when the records were made."""
    return {record["id"].partition("_")[2][:8] for record in records}


def test_no_time_and_no_part_of_an_id_leads_to_the_live_record(owner: Client) -> None:
    plant(owner)
    live = told(owner)
    with inside(owner, make(owner, "schema_and_sample", seed=7)) as its:
        sample = told(its)
    assert len(sample) >= len(PATHS)
    assert moments(live) & moments(sample) == set()
    assert not seconds(live) & seconds(sample)
    latest = max(moments(live))
    for record in sample:
        assert record["created_at"] <= record["updated_at"] < latest


def test_owners_are_drawn(owner: Client) -> None:
    me = owner.get("/me").json["user"]["id"]
    for n in range(20):
        owner.create("/contacts", {"email": f"{n}@a.example", "owner_id": me})
    with inside(owner, make(owner, "schema_and_sample", seed=7)) as its:
        owners = {each["owner_id"] for each in its.pages("/contacts")}
        users = {each["id"] for each in its.pages("/users")}
    assert len(owners) > 1
    assert owners <= users
