"""Exports: files hold what the caller sees, exactly as answers have it."""

import hashlib

import pytest

from tests.client import Client
from tests.end_to_end.exports.exporting import exported, file, records


@pytest.mark.every_topology
def test_a_line_of_a_file_is_the_answer_of_a_get_byte_for_byte(owner: Client) -> None:
    made = [
        owner.create(
            "/contacts", {"email": f"{n}@a.example", "custom_fields": {"n": n}}
        )
        for n in range(3)
    ]
    export = exported(owner)
    (told,) = export["result"]["files"]
    answer = file(owner, export)
    assert answer.status == 200
    assert (told["number"], told["name"], told["rows"]) == (1, "contacts-1.ndjson", 3)
    assert told["bytes"] == len(answer.body)
    assert told["sha256"] == hashlib.sha256(answer.body).hexdigest()
    lines = answer.body.splitlines()
    assert lines == [owner.get(f"/contacts/{each['id']}").body for each in made]
    assert records(owner, export) == made
