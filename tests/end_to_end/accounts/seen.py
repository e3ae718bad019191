"""What tests of the pages of records do again and again."""

import re
import time
from typing import Any

from tests.client import Client
from tests.end_to_end.merging.merged import contact
from tests.harness.people.account import opened
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.people.person import Form, Page, Person

HISTORY, MERGES = "/account/history", "/account/merges"


def new_name() -> str:
    """A name that no other test has."""
    return f"n{time.monotonic_ns()}"


def new_contact(client: Client, **fields: Any) -> str:
    return contact(client, new_name(), **fields)


def history(person: Person, record_id: str, **more: str) -> Page:
    """The page of a record's history."""
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return opened(person, f"{HISTORY}?id={record_id}{query}")


def fields_told(page: Page) -> list[str]:
    """The fields whose changes a page tells, in its order."""
    return re.findall(r'<th scope="row"><code>([^<]+)</code>', page.text)


def restoring(page: Page) -> list[Form]:
    """The forms that restore a record."""
    return [e for e in page.forms if e.action == HISTORY and "form_token" in e.fields]


def user(desk: Scene, role: str) -> Person:
    """Another user of the tenant, logged in."""
    email = f"{role}{time.monotonic_ns()}@{desk.tenant.name}.example"
    add_user(desk.tenant, email, role)
    person = Person(desk.tenant.stack.http)
    person.log_in(email)
    return person
