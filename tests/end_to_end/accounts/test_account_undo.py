"""By the pages a person undoes an import, and reads a tried file in another way."""

from tests.client import Client
from tests.end_to_end.accounts.files import going_on, id_at, tried
from tests.end_to_end.imports.sending import ended, rows_of
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.person import Person


def test_a_person_undoes_an_import(person: Person, client: Client) -> None:
    content = b"email\nu1@undo-page.example\nu2@undo-page.example\n"
    looked = tried(person, client, content)
    assert "Undo this import" not in looked.text
    done = sent(person, going_on(looked), do="import")
    made = ended(client, id_at(done.path))
    kept = rows_of(client, made["id"])[0]["id"]
    client.patch(f"/contacts/{kept}", {"job_title": "Chief"})
    page = opened(person, done.path)
    assert "Undo this import" in page.text
    look = sent(person, form_at(person, f"{done.path}/undo"), do="look")
    tried_undo = ended(client, id_at(look.path))
    assert (tried_undo["dry_run"], tried_undo["deleted"]) == (True, 1)
    page = opened(person, look.path)
    assert "Nothing was written yet" in page.text
    assert f'href="{done.path}/undo"' in page.text
    undo = sent(person, form_at(person, f"{done.path}/undo"))
    found = ended(client, id_at(undo.path))
    assert (found["undoes"], found["deleted"]) == (made["id"], 1)
    page = opened(person, undo.path)
    assert "Changed since the import: job_title" in page.text
    assert f'href="/account/history?id={kept}"' in page.text
    assert "Take this undo back" in page.text
    assert "Partly undone" in opened(person, "/account/imports").text
    assert "was undone" in opened(person, done.path).text


def test_a_file_that_was_read_wrongly_is_read_again(
    person: Person, client: Client
) -> None:
    text = "Nachname|E-Mail\nMüller, Groß|m@read.example\n"
    first = tried(person, client, text.encode("windows-1252"))
    assert "give its charset" not in first.text or first.forms
    (form,) = (each for each in first.forms if ("do", "read") in each.buttons)
    given = {"charset": "windows-1252", "delimiter": "bar", "locale": "de-DE"}
    again = sent(person, form, do="read", **given)
    found = ended(client, id_at(again.path))
    assert (found["charset"], found["delimiter"]) == ("windows-1252", "|")
    assert (found["dry_run"], found["created"]) == (True, 1)
    again = opened(person, again.path)
    mapped = sent(person, going_on(again), do="look", c0="last_name")
    ended(client, id_at(mapped.path))
    done = sent(person, going_on(opened(person, mapped.path)), do="import")
    assert ended(client, id_at(done.path))["created"] == 1
    found = client.post("/contacts/search", {"search_text": "m@read.example"}).json
    assert [each["last_name"] for each in found["data"]] == ["Müller, Groß"]
