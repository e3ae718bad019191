"""Searches by a schema that has just changed: no process reads by the one before.

The change is made in the database alone, so that no process learns of it but by its
look-up of tokens, twice a second. All calls come before that.
"""

from typing import Any

from prospectconnect.schema.v1.fields_pb2 import FIELD_TYPE_INTEGER

from services.postgres.database import Database, Transaction
from tests.client import Answer, Client
from tests.end_to_end.schema.defining import contact, define
from tests.world import Tenant, administer

IT = "custom_fields.it"
AS_TEXT = {"filters": [{"field": IT, "operator": "eq", "value": "50"}]}
AS_NUMBER = {"filters": [{"field": IT, "operator": "eq", "value": 50}]}
FIGURES = {"group_by": [{"field": IT}], "measures": [{"op": "count", "as": "number"}]}

_NUMBERS = (
    "UPDATE contacts SET custom_fields = '{\"it\": 50}' WHERE business_id = $1",
    "UPDATE typed_values SET text = NULL, number = 50 WHERE business_id = $1",
    f"UPDATE fields SET type = {FIELD_TYPE_INTEGER} WHERE business_id = $1",
    "UPDATE tenants SET schema_generation = schema_generation + 1"
    " WHERE business_id = $1",
)


def make_numbers(tenant: Tenant) -> None:
    """Makes the text `it` of all contacts a number, as another process would."""

    async def change(transaction: Transaction) -> None:
        for sql in _NUMBERS:
            await transaction.run(sql, tenant.business_id)

    async def run(database: Database) -> None:
        await database.in_transaction(change)

    administer(tenant.stack.database_url, run)


def ids(answer: Answer) -> list[Any]:
    assert answer.status == 200, answer.body
    return [each["id"] for each in answer.json["data"]]


def text_of_50(owner: Client) -> str:
    """Defines a text, and returns the id of a contact that has it."""
    define(owner, "text", unique=True)
    made: str = owner.create("/contacts", contact(it="50"))["id"]
    assert ids(owner.post("/contacts/search", AS_TEXT)) == [made]
    return made


def test_a_filter_is_judged_by_the_schema_of_its_moment(
    tenant: Tenant, owner: Client
) -> None:
    made = text_of_50(owner)
    make_numbers(tenant)
    assert owner.post("/contacts/search", AS_TEXT).status == 422
    assert ids(owner.post("/contacts/search", AS_NUMBER)) == [made]


def test_an_order_is_that_of_the_schema_of_its_moment(
    tenant: Tenant, owner: Client
) -> None:
    made = text_of_50(owner)
    make_numbers(tenant)
    order = {"order_by": IT, "limit": 1, "include_total": True}
    assert ids(owner.post("/contacts/search", order)) == [made]


def test_figures_are_those_of_the_schema_of_its_moment(
    tenant: Tenant, owner: Client
) -> None:
    text_of_50(owner)
    make_numbers(tenant)
    answer = owner.post("/contacts/aggregate", FIGURES)
    assert answer.status == 200, answer.body
    assert [each["group"][IT] for each in answer.json["data"]] == [50]
