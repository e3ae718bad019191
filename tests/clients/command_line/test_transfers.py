"""Files are imported and exported."""

import csv
import json
from pathlib import Path

from tests.clients.command_line.shell import Shell


def test_what_is_imported_is_exported(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,city\nada@engine.example,Berlin\nbob@engine.example,Bonn\n")
    told = shell.run("import", "contacts", str(file)).json
    assert (told["state"], told["created"], told["failed"]) == ("succeeded", 2, 0)
    folder = tmp_path / "out"
    done = shell.run(
        *("export", "contacts", str(folder), "--filter", "city = berlin"),
        *("--fields", "email", "--fields", "city"),
    )
    assert done.code == 0, done.err
    (path,) = done.out.splitlines()
    with Path(path).open() as found:
        (row,) = csv.DictReader(found)
    assert (row["email"], row["city"]) == ("ada@engine.example", "Berlin")


def test_rejected_rows_are_kept_and_told_by_the_exit_code(
    shell: Shell, tmp_path: Path
) -> None:
    file, errors = tmp_path / "people.ndjson", tmp_path / "rejected.csv"
    rows = [{"email": "ada@engine.example"}, {"email": "nope"}]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    done = shell.run("import", "contacts", str(file), "--errors", str(errors))
    assert done.code == 1
    assert json.loads(done.out)["created"] == 1
    assert "1 row was rejected" in done.err
    assert "nope" in errors.read_text()


def test_a_job_that_cannot_be_done_is_a_problem(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email\nada@engine.example\n")
    assert shell.run("import", "nothing", str(file)).code == 1
    assert shell.run("import", "contacts", str(tmp_path / "none.csv")).code == 2
    wrong = ("export", "contacts", str(tmp_path / "out"), "--filter", "cty = 1")
    assert shell.run(*wrong).code == 2


def test_columns_that_are_left_out_are_told(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,Shoe size,Score\nada@engine.example,37,80\n")
    done = shell.run("import", "contacts", str(file))
    assert done.json["created"] == 1
    assert "left out: Shoe size, Score." in done.err
    assert "With a mapping" not in done.err
    mapped = ("--set", "mapping.Score=lead_score", "--set", "mapping.email=email")
    file.write_text("email,City,Score\nbob@engine.example,Bonn,80\n")
    done = shell.run("import", "contacts", str(file), *mapped)
    assert "left out: City." in done.err
    assert "With a mapping, columns that it does not name are not matched" in done.err


def test_an_import_of_bad_rows_alone_keeps_them_and_says_why(
    shell: Shell, tmp_path: Path
) -> None:
    file, errors = tmp_path / "people.csv", tmp_path / "rejected.csv"
    file.write_text("email\n" + "".join(f"nope{n}\n" for n in range(5)))
    done = shell.run("import", "contacts", str(file), "--errors", str(errors))
    assert done.code == 1
    assert json.loads(done.out)["state"] == "failed"
    assert "5 rows were rejected." in done.err
    assert "row 1: email: " in done.err
    assert "row 3: email: " in done.err
    assert "row 4" not in done.err
    assert errors.read_text().count("nope") >= 5
