"""The page of a link in a mail, in Chromium: by keyboard alone, and under axe."""

import pytest

from tests.end_to_end.consent.agreeing import say, topic
from tests.end_to_end.consent.mailed import mailed
from tests.foreign.programs import VIEWS, chromium, run_node
from tests.world import Tenant

pytestmark = pytest.mark.browser


def test_a_reader_ends_mail_with_the_keyboard_alone(tenant: Tenant) -> None:
    owner = tenant.client()
    news = topic(owner, "Monthly news", description="What is new, once a month.")
    events = topic(owner, "Invitations to events and webinars in your region")
    ended = topic(owner, "Offers", description="Prices that hold for a week.")
    topic(owner, "Service", requires="legitimate_interest")
    links = []
    for number in range(VIEWS):
        address = f"ada.{number}@{'long-' * 9}name.example"
        ada = owner.create("/contacts", {"email": address})["id"]
        for each in (news, events):
            say(owner, ada, each)
        say(owner, ada, ended, "denied")
        links.append(mailed(tenant, ada, news, address))
    owner.close()
    base = f"http://{tenant.stack.http}"
    asked = {"views": VIEWS, "base": base, "links": links, "chromium": chromium()}
    found = run_node("browser/subscriptions.mjs", asked)
    assert found["found"] == [], "axe, and no page scrolls sideways"
    assert found["looks"] == VIEWS * 5
    assert found["notices"] == VIEWS * [
        "You get no more mail about Monthly news.",
        f"You get no more mail from {tenant.name} at this address.",
    ]
