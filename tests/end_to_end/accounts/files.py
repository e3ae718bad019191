"""What tests of the pages of imports and exports do again and again."""

import re
from urllib.parse import urlsplit

from tests.client import Answer, Client
from tests.end_to_end.imports.sending import ended
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.person import Form, Page, Person

IMPORTS, EXPORTS, JOBS = "/account/imports", "/account/exports", "/account/jobs"
CREATE, UPSERT = "1", "3"

_BOUNDARY = "XXXX-boundary"


def begun(person: Person, **filled: str) -> str:
    """Begins an import by the form, and returns the address of its page."""
    given = {"resource": "contacts", "mode": CREATE, **filled}
    page = sent(person, form_at(person, f"{IMPORTS}/new"), **given)
    assert re.fullmatch(rf"{IMPORTS}/imp_[0-9a-f]+", page.path), page.text
    return page.path


def upload(person: Person, form: Form, content: bytes, name: str = "a.csv") -> Answer:
    """Sends the file of a form, as a browser does."""
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n'
        f"{value}\r\n".encode()
        for field, value in form.fields.items()
        if field != "file"
    ]
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file";'
        f' filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    )
    body = b"".join(parts) + head.encode() + content + f"\r\n--{_BOUNDARY}--".encode()
    headers = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}
    browser = Person(person.address, person.cookies, {**person.headers, **headers})
    return browser.send("POST", form.action, body)


def tried(person: Person, client: Client, content: bytes, **filled: str) -> Page:
    """The page of a dry run that has ended."""
    at = begun(person, **filled)
    (form,) = (each for each in opened(person, at).forms if "/file" in each.action)
    answer = upload(person, form, content)
    assert (answer.status, answer.headers["location"]) == (303, at), answer.body
    ended(client, id_at(at))
    return opened(person, at)


def id_at(path: str) -> str:
    """The id of what a page is about."""
    return urlsplit(path).path.rpartition("/")[2]


def going_on(page: Page) -> Form:
    """The form of a dry run that imports its file."""
    (form,) = (each for each in page.forms if ("do", "import") in each.buttons)
    return form
