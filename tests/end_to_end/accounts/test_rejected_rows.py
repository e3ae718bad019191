"""Rejected rows on the page of an import."""

from tests.client import Client
from tests.end_to_end.accounts.files import IMPORTS
from tests.end_to_end.accounts.test_account_files import new_email
from tests.end_to_end.imports.sending import ended
from tests.harness.people.account import opened
from tests.harness.people.person import Person


def test_rejected_rows_are_shown_as_they_were_sent_until_an_erasure(
    person: Person, client: Client
) -> None:
    email = new_email()
    long = f"<b>Gr\u00e4fin</b>{'x' * 400}"
    body = {"resource": "contacts", "mode": "create", "format": "csv"}
    made = client.create("/imports", {**body, "charset": "windows-1252"})["id"]
    content = f"email,phone,first_name\n{email},none,{long}\nbob,1,Bob\n"
    sent_one = client.send(
        *("PUT", f"/imports/{made}/content"),
        content.encode("cp1252"),
        content_type="text/csv",
    )
    assert sent_one.status == 200, sent_one.body
    assert ended(client, made)["failed"] == 2
    page = opened(person, f"{IMPORTS}/{made}")
    begin = f"<bdi>{email},none,&lt;b&gt;Gr\u00e4fin&lt;/b&gt;xxx"
    assert begin in page.text
    assert "x…</bdi>" in page.text
    assert "<bdi>bob,1,Bob</bdi>" in page.text
    contact = client.create("/contacts", {"email": email})["id"]
    erased = client.post(f"/contacts/{contact}/erase", {"reason": "Asked."})
    assert erased.json["destroyed"]["import_rows"] == 1
    page = opened(person, page.path)
    assert email not in page.text
    assert "<bdi>bob,1,Bob</bdi>" in page.text
