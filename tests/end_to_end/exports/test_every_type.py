"""A record in a file is the record that GET answers: each type, in each format."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from services.every_kind import KINDS
from services.exports.guarding import unguarded
from services.exports.resources import Resources
from services.kinds.descriptors import record_types
from tests.client import Client
from tests.end_to_end.exports.exporting import exported, file
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES, Resource
from tests.rounds import rounds
from tests.world import Tenant

Json = dict[str, Any]
# What an export may name at once.
MOST_TYPES = 20
_EXPORTED = Resources(record_types(KINDS))


def is_exported(resource: Resource) -> bool:
    """Whether exports hold the records of a type."""
    name = resource.object
    return _EXPORTED.kind_of(name).resource == resource.name


TYPES = [each for each in RESOURCES.values() if is_exported(each)]


class Digits(str):
    """A number with the digits that it was written with."""

    __slots__ = ()


def told(data: bytes) -> Json:
    """A record, its numbers with their digits."""
    found: Json = json.loads(data, parse_float=Digits, parse_int=Digits)
    return found


def of_ndjson(data: bytes) -> Iterator[Mapping[str, Any]]:
    for line in data.splitlines():
        yield told(line)


def of_csv(data: bytes) -> Iterator[Mapping[str, Any]]:
    for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        yield {name: unguarded(cell) for name, cell in row.items()}


def of_parquet(data: bytes) -> Iterator[Mapping[str, Any]]:
    yield from pq.read_table(io.BytesIO(data)).to_pylist()


def same_value(want: Any, got: Any) -> bool:
    """Whether a value of a JSON record is the one that was told."""
    return bool(want == got)


def same_cell(want: Any, got: str) -> bool:
    """Whether a cell holds a value of a record."""
    if want is None or want in ([], {}):
        return got == ""
    if isinstance(want, bool):
        return got == str(want).lower()
    if isinstance(want, dict) or got[:1] == "[":
        return bool(told(got.encode()) == want)
    return bool(want == (got.split("|") if isinstance(want, list) else got))


def same_typed(want: Any, got: Any) -> bool:
    """Whether a value of a typed column is that of a record."""
    if isinstance(got, datetime):
        return got == datetime.fromisoformat(want)
    if isinstance(got, date):
        return got.isoformat() == str(want)
    if isinstance(got, Decimal):
        return got == Decimal(want)
    if isinstance(got, int) and not isinstance(got, bool):
        return bool(str(got) == want)
    if isinstance(got, str) and isinstance(want, (dict, list)):
        return bool(told(got.encode()) == want)
    return bool(got == want)


FORMATS: Mapping[str, tuple[Callable[..., Any], Callable[..., bool]]] = {
    "ndjson": (of_ndjson, same_value),
    "csv": (of_csv, same_cell),
    "parquet": (of_parquet, same_typed),
}


def differences(form: str, data: bytes, records: Mapping[str, Json]) -> list[Any]:
    """What a file holds otherwise than records, by their ids."""
    read, same = FORMATS[form]
    found, ids = list[Any](), list[str]()
    for each in read(data):
        row = {name: v for name, v in each.items() if not is_name(name, each)}
        record = whole(records[row["id"]], row)
        ids.append(row["id"])
        found += [
            (row["id"], name, record.get(name), row.get(name))
            for name in record.keys() | row.keys()
            if not (name in row and same(record.get(name), row[name]))
        ]
    return found + [("ids", ids)] * (sorted(ids) != sorted(records))


def is_name(column: str, row: Mapping[str, Any]) -> bool:
    """Whether a column has the names of the records that another one leads to."""
    holder, _, key = column.partition(".")
    return key == "name" and f"{holder}_id" in row


def misnamed(form: str, data: bytes, names: Mapping[str, str]) -> list[Any]:
    """The cells with names that are not those of the ids beside them."""
    read, _ = FORMATS[form]
    return [
        (row["id"], column, cell)
        for row in read(data)
        for column, cell in row.items()
        if is_name(column, row)
        and (cell or "") != names.get(row[f"{column.partition('.')[0]}_id"] or "", "")
    ]


def whole(record: Json, row: Mapping[str, Any]) -> Json:
    """A record with the custom fields as members that have columns of their own."""
    found = dict(record)
    for name in row:
        holder, dot, key = name.partition(".")
        if dot:
            rest = dict(found.get(holder) or {})
            found[name] = rest.pop(key, None)
            found[holder] = rest
    return found


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_holds_what_gets_answer(
    form: str, tenant: Tenant, owner: Client
) -> None:
    """Of tables a second export has names beside ids: it holds the same otherwise."""
    maker = Maker(owner, tenant.users)
    for n in range(rounds("EXPORTED_RECORDS")):
        for resource in TYPES:
            if "Create" in resource.verbs:
                owner.create(resource.path, maker.full(resource, n))
    names = names_of(owner)
    for at in range(0, len(TYPES), MOST_TYPES):
        part = TYPES[at : at + MOST_TYPES]
        named = [each.object for each in part]
        plain = exported(owner, resources=named, format=form)
        exports = [plain]
        if form != "ndjson":
            asked = {"names": True, "byte_order_mark": form == "csv"}
            more: Json = {"resources": named, "format": form, **asked}
            exports.append(exported(owner, **more))
        for resource in part:
            wanted = {
                each: answered(owner, resource, each) for each in ids(owner, resource)
            }
            for export in exports:
                files = {each["resource"]: each for each in export["result"]["files"]}
                data = file(owner, export, files[resource.object]["number"]).body
                assert differences(form, data, wanted) == []
                if export is not plain:
                    assert misnamed(form, data, names) == []


def names_of(client: Client) -> dict[str, str]:
    """The names of all records that others lead to, and of the stages, by ids."""
    paths = ("/contacts", "/companies", "/deals", "/users", "/pipelines")
    found = [each for path in paths for each in client.pages(path, limit=100)]
    stages = [stage for each in found for stage in each.get("stages") or []]
    return {each["id"]: each["name"] for each in (*found, *stages)}


def ids(client: Client, resource: Resource) -> list[str]:
    return [each["id"] for each in client.pages(resource.path, limit=100)]


def answered(client: Client, resource: Resource, record_id: str) -> Json:
    answer = client.get(f"{resource.path}/{record_id}")
    assert answer.status == 200, answer.body
    return told(answer.body)


def test_the_comparison_sees_each_difference() -> None:
    record = {"id": "1", "a": Digits("1.50"), "b": ["x"], "c": None}
    rows = {
        "ndjson": b'{"id":"1","a":1.5,"b":["x"],"c":null}',
        "csv": b"id,a,b,c\r\n1,1.5,x,\r\n",
    }
    for form, data in rows.items():
        assert differences(form, data, {"1": record}) == [("1", "a", "1.50", "1.5")]
        assert differences(form, data, {"1": record | {"a": "1.5"}, "2": record})
