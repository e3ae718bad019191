"""The timeline: which changes are told, with which values, and in which order."""

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.iam.v1.users_pb2 import User

from services.ids import is_id
from services.kinds.descriptors import record_type
from services.records.timeline import Event, changed, created, links_of, values

CONTACT = record_type(Contact)
USER = record_type(User)


def test_a_new_contact_is_told_of_and_a_new_user_is_not() -> None:
    assert created(CONTACT) == [Event("created")]
    assert created(USER) == []


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        (Contact(city="a"), Contact(city="b"), []),
        (Contact(owner_id="a"), Contact(owner_id="a"), []),
        (
            Contact(owner_id="a"),
            Contact(owner_id="b"),
            [{"event": "owner_changed", "from": "a", "to": "b"}],
        ),
        (
            Contact(owner_id="a"),
            Contact(),
            [{"event": "owner_changed", "from": "a"}],
        ),
        (
            Contact(),
            Contact(owner_id="b"),
            [{"event": "owner_changed", "to": "b"}],
        ),
        (
            Contact(owner_id="a", tags=["x"]),
            Contact(owner_id="b", tags=[]),
            [
                {"event": "owner_changed", "from": "a", "to": "b"},
                {"event": "tags_changed", "from": ["x"], "to": []},
            ],
        ),
    ],
)
def test_a_change_is_told_with_what_was_and_what_is(
    before: Contact, after: Contact, events: list[dict[str, object]]
) -> None:
    assert [each.metadata() for each in changed(CONTACT, before, after)] == events


def test_a_users_change_is_not_told() -> None:
    assert changed(USER, User(name="a"), User(name="b")) == []


def test_the_values_keep_the_order_and_link_the_record() -> None:
    events = [Event("owner_changed", "a", "b"), Event("tags_changed", [], ["x"])]
    links = links_of(CONTACT, Contact(id="con_1"))
    contact, company, deal, custom, *told = values(links, events, 1_000)
    assert (contact, company, deal, custom) == ("con_1", None, None, None)
    ids, times, metadata = told[::3], told[1::3], told[2::3]
    assert all(is_id("act_", each) for each in ids)
    assert len(set(ids)) == 2
    assert times == [1_000, 1_001]
    assert metadata == [each.metadata() for each in events]
