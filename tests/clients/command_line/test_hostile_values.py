"""What others wrote, or where a token would go, harms nobody at a command line."""

import csv
import io

import pytest

from pcrm import printing
from pcrm.exits import CommandFailed
from pcrm.schema.documents import read_file
from pcrm.session import check_safe
from pcrm.telling import plain

HOSTILE = "a\x1b]0;x\x07\x9b31m\u202eb"


@pytest.mark.parametrize("form", printing.FORMATS)
def test_keys_do_not_reach_a_terminal_raw(
    form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    record = {HOSTILE: {HOSTILE: HOSTILE}, f"{HOSTILE}2": "x"}
    printing.write_record(record, form)
    printing.write_records([record], form)
    shown = capsys.readouterr().out
    assert shown
    assert plain(shown) == shown


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "+1+cmd|x", "-1", "@a", "\t=1", "\uff1d1", "'=1"]
)
def test_no_spreadsheet_runs_a_cell(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printing.write_records([{text: text}, {text: "it's"}, {text: -1}], "csv")
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [[f"'{text}"], [f"'{text}"], ["it's"], ["-1"]]


def test_an_alias_in_a_schema_is_refused() -> None:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(CommandFailed, match="alias"):
        read_file("\n".join(lines), {})


def test_no_token_is_sent_where_others_can_read_it() -> None:
    for address in ("https://papi.example", "http://127.0.0.1:8", "http://[::1]:8"):
        check_safe(address)
    for address in ("http://papi.example", "http://127.0.0.1.example"):
        with pytest.raises(CommandFailed, match="others can read"):
            check_safe(address)


def test_a_table_of_imports_tells_what_became_of_their_rows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = dict.fromkeys(("resource", "mode", "format", "on_error", "locale"), "x")
    after = {"charset": "utf-8", "rows": 7, "created": 3, "failed": 4}
    one = {"id": "imp_1", **before, "state": "succeeded", **after, "undone_by": "imp_2"}
    printing.write_records([one], "table")
    head = capsys.readouterr().out.splitlines()[0].split()
    assert head[:6] == ["ID", "STATE", "ROWS", "CREATED", "FAILED", "UNDONE_BY"]
