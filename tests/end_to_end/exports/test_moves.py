"""A table that one tenant exports is what another one imports."""

from typing import Any

from tests.client import Client
from tests.end_to_end.exports.exporting import exported, file
from tests.end_to_end.imports.sending import imported, rows_of

GIVEN: list[dict[str, Any]] = [
    {
        "email": "a@move.example",
        "first_name": "'=HYPERLINK(1)",
        "last_name": '"quoted", and; more',
        "phone": "+442079460000",
        "lead_score": 7,
        "tags": ["a|b", "=c", "plain"],
        "custom_fields": {"n": -1.5, "list": ["1", "x|y"], "yes": True},
        "external_ids": {"sap": "-00012"},
    },
    {
        "email": "b@move.example",
        "last_name": "@two\r\nlines\rand\ta tab",
        "tags": ["-x", "y"],
        "custom_fields": {"text": "7", "large": 1e21},
    },
    {"email": "c@move.example", "job_title": "''+", "address1": "'quoted'"},
]


def test_a_tenant_moves_by_a_table(owner: Client, stranger: Client) -> None:
    for each in GIVEN:
        owner.create("/contacts", each)
    fields = sorted({name for each in GIVEN for name in each})
    table = file(owner, exported(owner, format="csv", fields=fields)).body
    done = imported(stranger, table)
    said = [each["problem"] for each in rows_of(stranger, done["id"])]
    assert (done["created"], done["failed"]) == (len(GIVEN), 0), said
    assert _texts(stranger) == _texts(owner)


def _texts(client: Client) -> list[dict[str, Any]]:
    """What contacts hold but for what each tenant gives them."""
    own = {"id", "created_at", "updated_at", "owner_id", "created_by", "etag"}
    found = sorted(client.pages("/contacts"), key=lambda each: str(each["email"]))
    return [{k: v for k, v in each.items() if k not in own} for each in found]
