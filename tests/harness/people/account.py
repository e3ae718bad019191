"""The pages of an account as a person goes through them."""

import re
from collections.abc import Callable

from tests.client import VERSION, Client
from tests.harness.people.person import Form, Page, Person
from tests.harness.promptly import within

# Longer than what was counted waits for its report, and a token for its use.
PATIENCE = 15.0

_SECRET = re.compile(r"\bpc[pk]_[0-9A-Za-z]{39,}")


def opened(person: Person, target: str) -> Page:
    """A page that is there."""
    page = person.open(target)
    assert isinstance(page, Page)
    return page


def sent(person: Person, form: Form, **filled: str) -> Page:
    """The page that a form leads to."""
    page = person.submit(form, **filled)
    assert isinstance(page, Page)
    return page


def form_at(person: Person, target: str) -> Form:
    """The form of a page that is its own, after the one that logs out."""
    return opened(person, target).forms[-1]


def secrets_in(page: Page) -> set[str]:
    """The secrets that a page shows."""
    return set(_SECRET.findall(page.text))


def make_token(person: Person, *scopes: str, **filled: str) -> tuple[str, str]:
    """Makes a token by the form; its id, and its secret."""
    form = form_at(person, "/account/tokens/new")
    given = {"name": "Nightly import", **dict.fromkeys(scopes, "on"), **filled}
    page = sent(person, form, **given)
    assert page.answer.status == 200, page.text
    (secret,) = secrets_in(page)
    client = Client(person.address, secret, VERSION)
    token_id = client.get("/me").json["token"]["id"]
    client.close()
    return token_id, secret


def soon(check: Callable[[], bool]) -> bool:
    """Whether something comes true before patience ends."""
    return within(PATIENCE, check)
