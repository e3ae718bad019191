"""The pages of an account, as a person uses them."""

import re
from collections.abc import Callable

from tests.client import VERSION, Client
from tests.harness.people.person import Form, Page, Person
from tests.harness.promptly import within

# Longer than the interval of usage reports, and of writes of a token's last use.
PATIENCE = 60.0

_SECRET = re.compile(r"\bpc[pk]_[0-9A-Za-z]{39,}")


def opened(person: Person, target: str) -> Page:
    """Opens a page; it must exist."""
    page = person.open(target)
    assert isinstance(page, Page)
    return page


def sent(person: Person, form: Form, **filled: str) -> Page:
    """Sends a form; returns the page that it leads to."""
    page = person.submit(form, **filled)
    assert isinstance(page, Page)
    return page


def form_at(person: Person, target: str) -> Form:
    """A page's own form, which comes after the form for the logout."""
    return opened(person, target).forms[-1]


def secrets_in(page: Page) -> set[str]:
    """The secrets that a page shows."""
    return set(_SECRET.findall(page.text))


def make_token(person: Person, *scopes: str, **filled: str) -> tuple[str, str]:
    """Makes a token by the form; returns its id and its secret."""
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
    """Whether a condition becomes true within the time limit."""
    return within(PATIENCE, check)
