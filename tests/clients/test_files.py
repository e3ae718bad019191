"""Clients fetch the files of exports and send those of imports, and lose no byte."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.clients.programs import Account, Step, run
from tests.clients.unreliable import LOST_ANSWER, Network
from tests.world import Tenant

PIECE_BYTES = 4 * 1024 * 1024
ROWS = 60

EXPORT = {"resource": "contacts", "format": "ndjson"}
IMPORT = {"resource": "contacts", "mode": "create", "format": "csv"}


@pytest.fixture
def people(tenant: Tenant) -> list[str]:
    """The addresses of contacts that are there."""
    emails = [f"p{number}@engine.example" for number in range(ROWS)]
    with closing(tenant.client("owner")) as owner:
        for email in emails:
            owner.create("/contacts", {"email": email})
    return emails


def result(client: str, account: Account, step: Step) -> Any:
    """What a call returns, which fails if it is refused."""
    (found,) = run(client, account, step)
    assert not (isinstance(found, dict) and "error" in found), found
    return found


def lines(path: Path) -> Iterator[Any]:
    """The records of a file."""
    return map(json.loads, path.read_text().splitlines())


def test_an_export_is_in_the_folder(
    client: str, account: Account, people: list[str], tmp_path: Path
) -> None:
    step = Step("exports.to_folder", [str(tmp_path / "new")], EXPORT)
    found = result(client, account, step)
    (path,) = map(Path, found["paths"])
    (told,) = found["export"]["result"]["files"]
    assert path == tmp_path / "new" / told["name"]
    assert list(path.parent.iterdir()) == [path], "nothing is left beside it"
    assert sha256(path.read_bytes()).hexdigest() == told["sha256"]
    assert sorted(each["email"] for each in lines(path)) == sorted(people)


def test_a_download_goes_on_where_it_broke_off(
    client: str, account: Account, people: list[str], network: Network, tmp_path: Path
) -> None:
    """What has arrived is not asked for again, and neither is a file that is there."""
    made = result(client, account, Step("exports.to_folder", [str(tmp_path)], EXPORT))
    (path,) = map(Path, made["paths"])
    content, sha = path.read_bytes(), made["export"]["result"]["files"][0]["sha256"]
    path.rename(partial := tmp_path / f".{path.name}.{sha[:16]}.part")
    partial.write_bytes(content[:1000])
    again = Step("exports.download", [made["export"]["id"], str(tmp_path)])
    for expected in ([f"bytes=1000-{len(content) - 1}"], []):
        network.seen.clear()
        result(client, account, again)
        assert path.read_bytes() == content
        assert ranges(network) == expected
    assert list(tmp_path.iterdir()) == [path]


def test_a_lost_piece_is_asked_for_again(
    client: str, account: Account, people: list[str], network: Network, tmp_path: Path
) -> None:
    made = result(client, account, Step("exports.to_folder", [str(tmp_path)], EXPORT))
    (path,) = map(Path, made["paths"])
    content = path.read_bytes()
    path.unlink()
    network.seen.clear()
    network.faults += [None, LOST_ANSWER]
    again = Step("exports.download", [made["export"]["id"], str(tmp_path)])
    result(client, account, again)
    assert path.read_bytes() == content
    assert len(ranges(network)) == 2


def test_what_is_not_the_file_is_thrown_away(
    client: str, account: Account, people: list[str], tmp_path: Path
) -> None:
    made = result(client, account, Step("exports.to_folder", [str(tmp_path)], EXPORT))
    (path,) = map(Path, made["paths"])
    content, sha = path.read_bytes(), made["export"]["result"]["files"][0]["sha256"]
    path.unlink()
    (tmp_path / f".{path.name}.{sha[:16]}.part").write_bytes(b"x" * 1000)
    again = Step("exports.download", [made["export"]["id"], str(tmp_path)])
    (outcome,) = run(client, account, again)
    assert outcome["error"]["class"] == "FileDiffers"
    assert list(tmp_path.iterdir()) == []
    result(client, account, again)
    assert path.read_bytes() == content


def ranges(network: Network) -> list[str]:
    """The ranges that were asked for."""
    return [each.headers["range"] for each in network.seen if "range" in each.headers]


def test_an_import_sends_a_large_file_in_parts(
    client: str, account: Account, network: Network, tmp_path: Path
) -> None:
    """A part is sent again if its answer is lost, and no row is written twice."""
    table = tmp_path / "people.csv"
    filler = "x" * 100_000
    rows = [f"p{number}@engine.example,{filler}" for number in range(ROWS)]
    table.write_text("\n".join(["E-mail,Filler", *rows]) + "\n")
    assert PIECE_BYTES < table.stat().st_size < 2 * PIECE_BYTES
    network.faults += [None, None, LOST_ANSWER, None, LOST_ANSWER]
    found = result(client, account, Step("imports.from_file", [str(table)], IMPORT))
    assert found["state"] == "succeeded"
    assert found["created"] == ROWS
    sent = [each.path for each in network.seen if each.method == "PUT"]
    numbers = [re.sub(r".*/", "", path) for path in sent]
    assert numbers == ["1", "1", "2", "2"]


def test_an_upload_sends_what_is_missing(
    client: str, account: Account, tenant: Tenant, network: Network, tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    rows = [f"p{number}@engine.example,{'x' * 100_000}" for number in range(ROWS)]
    table.write_text("\n".join(["E-mail,Filler", *rows]) + "\n")
    first = table.read_bytes()[:PIECE_BYTES]
    with closing(tenant.client("owner")) as owner:
        import_id = owner.create("/imports", IMPORT)["id"]
        path = f"/imports/{import_id}/content/1"
        assert owner.send("PUT", path, first, content_type="text/csv").status == 200
    upload = Step("imports.upload", [import_id, str(table)])
    assert result(client, account, upload)["created"] == ROWS
    sent = [each.path for each in network.seen if each.method == "PUT"]
    assert sent == [f"/v1/imports/{import_id}/content/2"]
    assert result(client, account, upload)["state"] == "succeeded", "it has ended"


def test_rejected_rows_come_back(client: str, account: Account, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("E-mail\nada@engine.example\nno address\n")
    step = Step("imports.from_file", [str(table)], IMPORT)
    found = result(client, account, step)
    assert found["failed"] == 1
    failed = Step("imports.search_rows", [found["id"]], {"status": "failed"})
    (row,) = result(client, account, failed)
    assert (row["row"], row["problem"]["status"]) == (2, 422)
    errors = tmp_path / "errors.csv"
    result(client, account, Step("imports.download_errors", [found["id"], str(errors)]))
    head, line = errors.read_text().splitlines()
    assert head == "_problem,E-mail"
    assert line.endswith(",no address")


def test_a_failed_import_says_why(
    client: str, account: Account, tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text("E-mail\nno address\n")
    step = Step("imports.from_file", [str(table)], {**IMPORT, "on_error": "stop"})
    (outcome,) = run(client, account, step)
    assert outcome["error"]["class"] == "JobFailed"
    assert " is failed" in outcome["error"]["text"]


def test_progress_is_told(
    client: str, account: Account, people: list[str], tmp_path: Path
) -> None:
    """The last of each stage is the end: all bytes, and all rows."""
    table = tmp_path / "people.csv"
    table.write_text("E-mail\nada@engine.example\nno address\n")
    step = Step("imports.from_file", [str(table)], IMPORT, {"tells": True})
    told = result(client, account, step)["told"]
    size = table.stat().st_size
    upload = {"stage": "upload", "done": size, "total": size, "failed": 0}
    assert told[0] == upload | {"id": told[0]["id"]}
    assert {each["id"][:4] for each in told} == {"imp_"}
    assert len({each["id"] for each in told}) == 1
    assert {each["stage"] for each in told[1:]} <= {"job"}
    step = Step("exports.to_folder", [str(tmp_path / "out")], EXPORT, {"tells": True})
    found = result(client, account, step)
    size = sum(each["bytes"] for each in found["export"]["result"]["files"])
    last = {"stage": "download", "done": size, "total": size, "failed": 0}
    assert found["told"][-1] == last | {"id": found["export"]["id"]}
    assert found["job"]["id"] == found["export"]["job_id"]
    assert found["job"]["state"] == "succeeded"


def test_a_key_makes_one_import_and_one_export(
    client: str, account: Account, people: list[str], tmp_path: Path
) -> None:
    """A program that is started again with its key goes on with what it made."""
    table = tmp_path / "people.csv"
    table.write_text("E-mail\nada@engine.example\n")
    key = {"idempotency_key": "monday"}
    arguments = [str(table)]
    runs = [
        result(client, account, Step("imports.from_file", arguments, IMPORT, key))
        for _ in range(2)
    ]
    assert runs[0]["id"] == runs[1]["id"]
    assert [each["created"] for each in runs] == [1, 1]
    key = {"idempotency_key": "tuesday"}
    step = Step("exports.to_folder", [str(tmp_path / "out")], EXPORT, key)
    exported = [result(client, account, step)["export"]["id"] for _ in range(2)]
    assert exported[0] == exported[1]


def test_a_missing_file_creates_no_import(
    account: Account, network: Network, tmp_path: Path
) -> None:
    step = Step("imports.from_file", [str(tmp_path / "none.csv")], IMPORT)
    for client in ("python", "python-async"):
        with pytest.raises(FileNotFoundError):
            run(client, account, step)
    assert network.seen == []
