"""Formulas are right in every record, whatever is written while one is defined."""

import threading

from tests.client import Client
from tests.end_to_end.schema.defining import contact, define
from tests.harness.at_once import at_once, crowd
from tests.rounds import rounds
from tests.world import Tenant, new_tenant

WRITERS = 6
RECORDS = 12


def greeted(record: dict[str, object], words: str) -> bool:
    own = record["custom_fields"]
    assert isinstance(own, dict)
    return own.get("it") == f"{words} {record['first_name']}"


def race(tenant: Tenant, words: str) -> None:
    """Renames contacts all the time, while the formula is defined or changed."""
    with crowd(tenant, WRITERS + 1) as (owner, *writers):
        ids = [
            owner.create("/contacts", contact() | {"first_name": "A"})["id"]
            for _ in range(RECORDS)
        ]
        is_over = threading.Event()

        def work(client: Client) -> None:
            if client is owner:
                change(owner, words)
                is_over.set()
                return
            number = 0
            while not is_over.is_set() or number < RECORDS:
                name = {"first_name": f"N{number}"}
                path = f"/contacts/{ids[number % RECORDS]}"
                assert client.patch(path, name).status == 200
                number += 1

        at_once(work, [owner, *writers])
        records = owner.pages("/contacts")
        wrong = [each for each in records if not greeted(each, words)]
        assert wrong == []


def change(owner: Client, words: str) -> None:
    """Defines the formula, or gives it other words."""
    expression = f'"{words} " + first_name'
    fields = owner.search("/fields")["data"]
    if fields:
        path = f"/fields/{fields[0]['id']}"
        assert owner.patch(path, {"expression": expression}).status == 200
    else:
        define(owner, "formula", expression=expression)


def test_no_write_slips_past_a_formula_that_is_defined(tenant: Tenant) -> None:
    for _ in range(rounds("FORMULA_RACES")):
        fresh = new_tenant(tenant.stack)
        for words in ("Hello", "Dear", "Hi"):
            race(fresh, words)
