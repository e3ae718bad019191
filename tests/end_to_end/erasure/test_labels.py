"""Names of reports, and descriptions of webhooks, forget an address."""

from typing import Any

import pytest

from services.erasure.kept_labels import DESCRIPTION, NAME
from services.erasure.person import person_of
from tests.client import Client
from tests.end_to_end.erasure.erasing import erased
from tests.end_to_end.imports.sending import begun
from tests.end_to_end.webhooks.kept import body as webhook

EMAIL, PHONE = "grace@navylabels.example", "+49 30 5550199"
PERSON = person_of(EMAIL, PHONE, ("Grace", "Hopper"))
COUNT = {"measures": [{"op": "count", "as": "n"}]}
HOLDING = (
    f"Changes of {EMAIL}",
    "For GRACE@NavyLabels.example, weekly",
    "Calls to 030/555-01-99",
)
OTHERS = ("Changes of others", "navylabels.example", "Grace", "Hopper's", "Of 2026-12")


def made(client: Client, text: str) -> dict[str, tuple[str, Any]]:
    """A record of each kind with a label: its path, and what it becomes."""
    report = {"resource": "contacts", "chart": "table", "aggregate": COUNT}
    its = {
        "/reports": ({"name": text, **report}, "name", "[erased]"),
        "/webhooks": (
            webhook(types=["deal.won"], description=text),
            "description",
            None,
        ),
    }
    return {
        f"{path}/{client.create(path, body)['id']}": (field, after)
        for path, (body, field, after) in its.items()
    }


def test_labels_with_an_address_go_and_are_counted(owner: Client) -> None:
    path = (
        f"/contacts/{owner.create('/contacts', {'email': EMAIL, 'phone': PHONE})['id']}"
    )
    going = [made(owner, text) for text in HOLDING]
    former, staying = made(owner, HOLDING[0]), made(owner, OTHERS[0])
    for place, (field, _) in former.items():
        assert owner.patch(place, {field: OTHERS[0]}).status == 200
    report = erased(owner, path)
    assert report["destroyed"]["labels"] == 2 * (len(HOLDING) + 1)
    assert (report["destroyed"]["filters"], report["destroyed"]["exports"]) == (0, 0)
    for place, (field, after) in [each for some in going for each in some.items()]:
        assert owner.get(place).json[field] == after
    for place, (field, _) in [*former.items(), *staying.items()]:
        assert owner.get(place).json[field] == OTHERS[0]
        told = owner.post(f"{place}/history", {"limit": 100})
        assert told.status == 200
        assert b"navylabels" not in told.body.lower()


def test_the_report_counts_filters_imports_and_webhooks_that_stop(
    owner: Client,
) -> None:
    path = f"/contacts/{owner.create('/contacts', {'email': EMAIL})['id']}"
    naming = {"field": "email", "operator": "eq", "value": EMAIL}
    without = {**naming, "operator": "neq"}
    for each in (naming, without):
        owner.create("/webhooks", webhook(types=["contact.updated"], filters=[each]))
    export = {"resource": "contacts", "filters": [naming], "format": "ndjson"}
    job = owner.create("/exports", export)["job_id"]
    assert owner.post(f"/jobs/{job}/wait", {"wait_seconds": 20}).status == 200
    begun(owner)
    counts = erased(owner, path)["destroyed"]
    told = ("filters", "stopped_webhooks", "exports", "labels", "import_rows")
    assert [counts[each] for each in told] == [3, 1, 1, 0, 0]


@pytest.mark.parametrize("text", HOLDING)
def test_an_address_is_found_in_any_spelling(text: str) -> None:
    assert NAME.left(text, [PERSON]) == "[erased]"
    assert DESCRIPTION.left_of({"description": text, "url": "u"}, [PERSON]) == {
        "description": None,
        "url": "u",
    }


@pytest.mark.parametrize("text", OTHERS)
def test_other_labels_stay(text: str) -> None:
    assert NAME.left(text, [PERSON]) == text
    assert DESCRIPTION.left_of({"name": EMAIL}, [PERSON]) == {"name": EMAIL}
