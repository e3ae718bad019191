"""A damaged file is imported as far as it goes, and its undo leaves no trace of it."""

import gzip
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.imports.sending import begun, ended, put, rows_of
from tests.end_to_end.imports.test_undoing import undone
from tests.rounds import rounds

Json = dict[str, Any]
Draws = random.Random
HEADER = "external_ids.x,email,first_name,city,company.name,lead_score"
RECORDS, ROWS = 8, 12
# What an undo changes of a record that is as it was before.
_MOVES = ("updated_at", "etag")


def cut(data: bytes, draws: Draws) -> bytes:
    """The file ends anywhere."""
    return data[: draws.randrange(len(HEADER), len(data))]


def in_line(data: bytes, draws: Draws, damage: bytes) -> bytes:
    """Some bytes at a place in a row."""
    at = draws.randrange(len(HEADER) + 1, len(data))
    return data[:at] + damage + data[at:]


def shuffled(data: bytes, draws: Draws) -> bytes:
    """The rows come in another order, some of them twice."""
    header, *lines = data.splitlines(keepends=True)
    return header + b"".join(draws.choices(lines, k=len(lines) + 4))


def ragged(data: bytes, draws: Draws) -> bytes:
    """Rows have too many cells or too few."""
    header, *lines = data.splitlines()
    damaged = [
        each + b",more" * draws.randrange(3)
        if draws.random() < 0.5
        else each.rpartition(b",")[0]
        for each in lines
    ]
    return b"\n".join((header, *damaged))


def packed(data: bytes, draws: Draws) -> bytes:
    """A gzip, whole or cut in the middle."""
    found = gzip.compress(data)
    return found[: draws.randrange(20, len(found) + 1)]


DAMAGES: Mapping[str, Callable[[bytes, Draws], bytes]] = {
    "none": lambda data, _: data,
    "cut": cut,
    "shuffled": shuffled,
    "ragged": ragged,
    "packed": packed,
    "an open quotation mark": lambda data, draws: in_line(data, draws, b'"'),
    "a NUL": lambda data, draws: in_line(data, draws, b"\0"),
    "no UTF-8": lambda data, draws: in_line(data, draws, b"\xff\xfe"),
    "a line break": lambda data, draws: in_line(data, draws, b"\n"),
    "a carriage return": lambda data, draws: in_line(data, draws, b"\r"),
    "a long cell": lambda data, draws: in_line(data, draws, b"x" * 70_000),
    "a mark": lambda data, _: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
    "columns twice": lambda data, _: data.replace(b",city,", b",first_name,", 1),
    "another delimiter": lambda data, _: data.replace(b",", b";"),
}
MODES = ("create", "upsert", "update", "delete")


@pytest.mark.parametrize("mode", MODES)
def test_what_a_damaged_file_did_is_undone_whole(owner: Client, mode: str) -> None:
    draws = random.Random(f"{mode} 3")
    for number in range(rounds("UNDONE_DAMAGES")):
        known = records(owner, f"{mode}{number}")
        before = everything(owner)
        damage = draws.choice(list(DAMAGES))
        content = DAMAGES[damage](drawn(draws, f"{mode}{number}", known), draws)
        given: Json = {"mode": mode, "create_missing": draws.random() < 0.5}
        if mode != "create":
            given["match_on"] = draws.choice(("external_ids.x", "email"))
        if mode == "delete":
            del given["create_missing"]
        if draws.random() < 0.2:
            given["on_error"] = "stop"
        made = sent(owner, content, given)
        if made is None:
            continue
        undo = undone(owner, made["id"])
        case = damage, given, content, rows_of(owner, undo["id"], limit=100)
        assert undo["failed"] == 0, case
        assert undo["rows"] == sum(made[e] for e in ("created", "updated", "deleted"))
        assert everything(owner) == before, case


def records(owner: Client, name: str) -> Sequence[str]:
    """Contacts that are there before; returns what finds them."""
    for key in range(RECORDS // 2):
        body = {
            "email": f"{key}@{name}.example",
            "external_ids": {"x": f"{name}-{key}"},
        }
        owner.create("/contacts", body | {"first_name": "Ada", "city": "Rome"})
    return [f"{name}-{key}" for key in range(RECORDS)]


def drawn(draws: Draws, name: str, known: Sequence[str]) -> bytes:
    """A file whose rows name contacts that are there and others, some with faults."""
    lines = [HEADER]
    for _ in range(ROWS):
        key = draws.randrange(RECORDS)
        cells = [
            known[key],
            draws.choice((f"{key}@{name}.example", "nobody", "")),
            draws.choice(("Eve", "", '"E, v"')),
            draws.choice(("Łódź", "Oslo", "")),
            draws.choice((f"Of {name}", f"Other {name}", "")),
            draws.choice(("7", "many", "")),
        ]
        lines.append(",".join(cells))
    return "\n".join(lines).encode()


def sent(owner: Client, content: bytes, given: Json) -> Any:
    """The import at its end; None if its content is refused."""
    import_id = begun(owner, **given)
    answer = put(owner, import_id, content)
    if answer.status != 200:
        assert 400 <= answer.status < 500, answer.body
        owner.post(f"/imports/{import_id}/cancel")
        return None
    return ended(owner, import_id)


def everything(owner: Client) -> dict[str, Json]:
    """All living records that the files can touch, without what moves."""
    found = [
        *owner.pages("/contacts", limit=100),
        *owner.pages("/companies", limit=100),
    ]
    return {
        each["id"]: {n: v for n, v in each.items() if n not in _MOVES} for each in found
    }
