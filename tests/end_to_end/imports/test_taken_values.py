"""Rows whose unique values others have are found together, not one after the other."""

from pathlib import Path
from typing import Any

from tests.client import Client
from tests.end_to_end.imports.sending import NDJSON, imported, lines, rows_of, statuses

Json = dict[str, Any]
ROWS = 200


def _contact(number: int, **external_ids: str) -> Json:
    return {"email": f"t{number}@t.example", "external_ids": external_ids}


def test_rows_that_repeat_what_is_there_are_not_tried_one_by_one(
    owner: Client, sql_log: Path
) -> None:
    bodies = [_contact(number, sap=str(number)) for number in range(ROWS)]
    assert imported(owner, lines(bodies), format=NDJSON)["created"] == ROWS
    before = sql_log.stat().st_size
    assert imported(owner, lines(bodies), format=NDJSON)["failed"] == ROWS
    with sql_log.open("rb") as log:
        log.seek(before)
        tries = log.read().count(b"SAVEPOINT")
    assert tries < ROWS


def test_rows_with_the_same_values_are_judged_in_their_order(owner: Client) -> None:
    there = owner.create("/contacts", _contact(0, sap="1"))
    bodies = (
        _contact(1, sap="1", hub="x"),
        _contact(2, hub="x"),
        _contact(3, hub="x", mail="z"),
        _contact(4, mail="z"),
        _contact(5, mail="z"),
    )
    found = imported(owner, lines(bodies), format=NDJSON)
    rows = rows_of(owner, found["id"])
    assert statuses(rows) == ["failed", "created", "failed", "created", "failed"]
    holders = [
        [(each["field"], each["record_id"]) for each in row["problem"]["errors"]]
        for row in rows
        if row["problem"]
    ]
    assert holders == [
        [("external_ids.sap", there["id"])],
        [("external_ids.hub", rows[1]["id"])],
        [("external_ids.mail", rows[3]["id"])],
    ]
