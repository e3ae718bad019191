"""A record that was exported as CSV is read by an import as what it was."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from edge.calls.rows import Transcoder
from services.caller import NOBODY, Call
from services.every_kind import KINDS
from services.exports.formats import Table
from services.exports.guarding import RUNS
from services.exports.selection import Selection
from services.importing.columns import body_of, chosen, columns_of
from services.imports.paths import Fields
from services.kinds.descriptors import record_types
from services.kinds.own_fields import OwnFields
from tests.services.importing.tables import rows_of

TYPES = record_types(KINDS)
CONTACT, OWN = TYPES["contact"], OwnFields(0)

# Many of these texts hold what tables treat in a way of its own. An
# import takes blanks alone for nothing.
BEGINS = st.text("'[{|\",;" + RUNS, max_size=4)
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TEXTS = st.builds("{}{}".format, BEGINS, ANY).filter(str.strip)
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
NUMBERS = st.integers(-(10**25), 10**25) | st.floats(-1e9, 1e9)
VALUES = st.recursive(
    st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=5,
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": TEXTS,
        "last_name": TEXTS,
        "tags": st.lists(TEXTS, min_size=1, max_size=4),
        "custom_fields": st.dictionaries(KEYS, VALUES, min_size=1, max_size=3),
        "external_ids": st.dictionaries(KEYS, TEXTS, min_size=1, max_size=3),
    },
)


def exported(records: list[bytes]) -> bytes:
    """The file of an export."""
    selection = Selection("contacts", CONTACT, Call(NOBODY), OWN, None)

    async def table() -> bytes:
        its = Table(selection)
        return await its.add(records) + await its.end()

    return asyncio.run(table())


def read_back(place: Path, data: bytes) -> list[dict[str, Any]]:
    """The bodies of the requests that an import makes of a file."""
    form, rows = asyncio.run(rows_of(place, data))
    fields, parse = Fields(TYPES, CONTACT, OWN), Transcoder("").parse
    mapping = chosen(fields, form.columns, None, {})
    columns = columns_of(fields, form.columns, mapping, "", parse).columns
    assert [each.fault for each in rows] == [""] * len(rows)
    return [body_of(columns, each.cells or [], {}, clears=False)[0] for each in rows]


@given(st.lists(RECORDS, min_size=1, max_size=3))
@example([{"first_name": "'=1+1", "last_name": "\t=x", "tags": ["\r\n|"]}])
@example([{"tags": ["[", "]"]}])
@example([{"custom_fields": {"n": 10**24, "text": "7"}}])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_record_comes_back_from_its_row(
    tmp_path: Path, records: list[dict[str, Any]]
) -> None:
    lines = [orjson.dumps(each, default=str) for each in map(_written, records)]
    bodies = [Transcoder("").parse(each)[0] for each in lines]
    expected = [each for each in bodies if each]  # blank rows are no records
    assert read_back(tmp_path, exported(lines)) == expected


def _written(value: Any) -> Any:
    """A value in which integers that are too large for a double's digits are JSON."""
    if isinstance(value, dict):
        return {key: _written(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_written(each) for each in value]
    is_large = type(value) is int and abs(value) >= 2**63
    return orjson.Fragment(str(value)) if is_large else value


@pytest.mark.canary
def test_the_property_sees_one_mark_that_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.exports.cells.guarded", lambda text: text)
    monkeypatch.setattr("services.exports.cells._Compiled", None)
    line = orjson.dumps({"first_name": "'=1"})
    assert read_back(tmp_path, exported([line])) != [{"first_name": "'=1"}]
