"""Links of mails that were changed, or that are about another tenant, do nothing."""

import pytest

from tests.client import Client
from tests.end_to_end.consent.agreeing import reason, say, topic
from tests.end_to_end.consent.mailed import ONE_CLICK, click, look, mailed
from tests.end_to_end.consent.test_unsubscribing import ALL, person, suppressions
from tests.world import Tenant


def test_a_link_that_was_changed_is_none(owner: Client, tenant: Tenant) -> None:
    about, (ada, address) = topic(owner), person(owner)
    say(owner, ada, about)
    path = mailed(tenant, ada, about, address)
    start = len("/unsubscribe/")
    changed = [path[:at] for at in range(start + 1, len(path), 9)]
    for at in range(start, len(path), 7):
        other = "A" if path[at] != "A" else "B"
        changed.append(path[:at] + other + path[at + 1 :])
    changed += [path + "A", path + "=", path + "%00", "/unsubscribe/" + "A" * 3_000]
    for each in changed:
        for answer in (look(owner, each), click(owner, each), click(owner, each, ALL)):
            assert answer.status == 404, each
            assert b"This link does not work" in answer.body
    assert reason(owner, about, ada) is None


def test_a_link_is_for_its_tenant(
    owner: Client, stranger: Client, tenant: Tenant, other_tenant: Tenant
) -> None:
    about, (ada, address) = topic(owner), person(owner)
    theirs = topic(stranger)
    eve = stranger.create("/contacts", {"email": address})["id"]
    say(owner, ada, about)
    say(stranger, eve, theirs)
    for contact, of_topic in ((ada, about), (eve, about), (ada, theirs)):
        path = mailed(other_tenant, contact, of_topic, f"x{address}")
        told = look(owner, path)
        assert told.status == 200
        assert about not in told.body.decode()
        body = b"topic=" + about.encode()
        for each in (ONE_CLICK, body, ALL):
            assert click(owner, path, each).status == 200
    assert reason(owner, about, ada) is None
    assert not suppressions(owner, address)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"List-Unsubscribe=One-Click2", 400),
        (b"list-unsubscribe=One-Click", 400),
        (b"end=1", 400),
        (b"topic=", 400),
        (b"topic=" + b"t" * 65, 400),
        (b"%ff=1", 400),
        (b"x=" + b"y" * 1_100, 413),
    ],
)
def test_what_is_no_choice_is_refused(
    owner: Client, tenant: Tenant, body: bytes, status: int
) -> None:
    about, (ada, address) = topic(owner), person(owner)
    say(owner, ada, about)
    answer = click(owner, mailed(tenant, ada, about, address), body)
    assert answer.status == status, answer.body
    assert b"Nothing was" in answer.body
    assert reason(owner, about, ada) is None
