"""The figures of a report as CSV (RFC 4180), with exact numbers.

A text that a spreadsheet would take for a formula has `'` before it. Amounts in several
currencies have a column for each, such as `worth EUR` and `worth USD`.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any

from prospectconnect.reporting.v1 import reports_pb2 as pb

# Some spreadsheets take the wide forms of East Asian writing for the same characters.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def as_csv(answer: pb.RunReportResponse) -> bytes:
    """Writes the answer of a run. Ids stand beside the names of their records."""
    asked, labels = answer.look.aggregate, answer.labels.fields
    named = [
        number
        for number, _ in enumerate(asked.group_by)
        if any(row.group[number].text in labels for row in answer.data)
    ]
    columns = [
        (n, currency)
        for n, _ in enumerate(asked.measures)
        for currency in _currencies(answer.data, n)
    ]
    text = io.StringIO(newline="")
    write = csv.writer(text, lineterminator="\r\n").writerow
    heads = [h for n, g in enumerate(asked.group_by) for h in _heads(g.field, n, named)]
    for n, currency in columns:
        name = getattr(asked.measures[n], "as")
        heads.append(f"{name} {currency}" if currency else name)
    write([_safe(each) for each in heads])
    for row in answer.data:
        cells = []
        for number, value in enumerate(row.group):
            cells.append(_safe(_plain(value)))
            if number in named:
                label = labels.get(value.text)
                cells.append(_safe(label.string_value if label is not None else ""))
        write([*cells, *(_cell(row.measures[n], currency) for n, currency in columns)])
    return text.getvalue().encode()


def _heads(field: str, number: int, named: Iterable[int]) -> list[str]:
    return [field, f"{field}.name"] if number in named else [field]


def _currencies(rows: Iterable[Any], measure: int) -> list[str]:
    """The currencies of a measure's columns; "" for its one column without any."""
    found = {e.currency for row in rows for e in row.measures[measure].amounts.amounts}
    return sorted(found) or [""]


def _cell(value: Any, currency: str) -> str:
    if value.WhichOneof("kind") != "amounts":
        return (
            _plain(value)
            if value.WhichOneof("kind") == "number"
            else _safe(_plain(value))
        )
    for each in value.amounts.amounts:
        if each.currency == currency and each.HasField("amount"):
            return str(each.amount.value)
    return ""


def _plain(value: Any) -> str:
    kind = value.WhichOneof("kind")
    if kind == "number":
        return str(value.number.value)
    if kind == "boolean":
        return "true" if value.boolean else "false"
    return str(value.text) if kind == "text" else ""


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
