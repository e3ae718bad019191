"""Undos of imports by the pages: what each undoes, and what is left to undo."""

from time import monotonic_ns

from tests.client import Client
from tests.end_to_end.accounts.files import IMPORTS, JOBS, going_on, id_at, tried
from tests.end_to_end.imports.sending import ended, imported, rows_of, table
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.person import Page, Person

_AGAIN = "Undo it again"


def new_email() -> str:
    return f"ada{monotonic_ns()}@engine.example"


def undone(person: Person, client: Client, import_id: str) -> Page:
    """Undoes an import by its form, and returns the page of the undo at its end."""
    done = sent(person, form_at(person, f"{IMPORTS}/{import_id}/undo"))
    ended(client, id_at(done.path))
    return opened(person, done.path)


def test_columns_that_give_no_field_are_named_after_the_import(
    person: Person, client: Client
) -> None:
    email = new_email()
    content = f"_problem,E-mail,Shoe size,<b>Hat</b>\n,{email},39,56\n".encode()
    done = sent(person, going_on(tried(person, client, content)), do="import")
    assert ended(client, id_at(done.path))["created"] == 1
    text = opened(person, done.path).text
    assert "2 columns give no field, and were let go" in text
    assert "“Shoe size”" in text
    assert "“&lt;b&gt;Hat&lt;/b&gt;”" in text
    assert "“_problem”" not in text

    wide = [f"Extra {n}" for n in range(25)]
    made = imported(client, table(",".join(["email", *wide]), new_email()))
    text = opened(person, f"{IMPORTS}/{made['id']}").text
    assert "25 columns give no field" in text
    assert "and 5 more." in text


def test_each_undo_is_listed_with_what_it_undoes(
    person: Person, client: Client
) -> None:
    name = f"Of rows {monotonic_ns()}"
    rows = (f"{new_email()},{name}" for _ in range(2))
    content = table("email,company.name", *rows)
    made = imported(client, content, create_missing=True)
    asked = opened(person, f"{IMPORTS}/{made['id']}/undo").text
    assert "Companies that it created for its rows (up to 1) are deleted" in asked
    page = undone(person, client, made["id"])
    assert "<dt>Companies deleted</dt><dd>1</dd>" in page.text
    link = f'It undoes: <a href="{IMPORTS}/{made["id"]}">Create contacts, '
    for at in (page.path, IMPORTS, JOBS):
        assert link in opened(person, at).text, at
    assert ">Undone</span>" in opened(person, IMPORTS).text
    back = undone(person, client, id_at(page.path))
    link = f'It undoes: <a href="{page.path}">Undo an import of contacts, '
    for at in (back.path, IMPORTS, JOBS):
        assert link in opened(person, at).text, at


def test_an_undo_is_offered_again_only_where_it_left_something(
    person: Person, client: Client
) -> None:
    rows = (f"{new_email()},Ada" for _ in range(2))
    made = imported(client, table("email,first_name", *rows))
    at = f"{IMPORTS}/{made['id']}"
    assert "Undo this import" in opened(person, at).text
    first, *_ = rows_of(client, made["id"])
    client.patch(f"/contacts/{first['id']}", {"first_name": "Augusta"})
    undo = undone(person, client, made["id"])
    assert "<dt>Left as they are</dt><dd>1</dd>" in undo.text
    assert _AGAIN in opened(person, at).text
    left = person.send("GET", f"{undo.path}/errors.csv")
    assert left.headers["content-type"].startswith("text/csv")
    assert left.body.decode().splitlines()[0] == "_problem,id"
    client.patch(f"/contacts/{first['id']}", {"first_name": "Ada"})
    assert "Left as they are</dt><dd>0" in undone(person, client, made["id"]).text
    text = opened(person, at).text
    assert _AGAIN not in text
    assert "was undone" in text
