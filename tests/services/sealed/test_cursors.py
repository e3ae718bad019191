"""Cursors: each opens for its own search alone, whatever is done to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.crm.v1.contacts_pb2 import SearchContactsRequest
from prospectconnect.iam.v1.users_pb2 import SearchUsersRequest

from services.errors import BadRequest
from services.sealed.cursors import Cursors
from services.sealed.secret_keys import SecretKey, SecretKeys
from tests.services.callers import caller

CURSORS = Cursors(SecretKeys(SecretKey(b"one key of 32 bytes for the tests", 0)))
POSITIONS = st.tuples(
    st.text(st.characters(codec="utf-8")), st.text("0123456789abcdef")
)


def sealed(position: tuple[str, str] = ("a", "con_1")) -> SearchContactsRequest:
    """A request that holds the cursor after a position."""
    request = SearchContactsRequest(search_text="x", order_by="name")
    request.cursor = CURSORS.seal(caller(), request, position)
    return request


@given(POSITIONS, st.integers(1, 100), st.booleans())
def test_a_cursor_opens_at_the_position_that_it_was_sealed_with(
    position: tuple[str, str], limit: int, total: bool
) -> None:
    request = sealed(position)
    request.limit, request.include_total = limit, total
    assert CURSORS.open(caller(), request) == position
    assert request.cursor.isascii()


@given(st.data())
def test_no_character_may_be_another(data: st.DataObject) -> None:
    request = sealed()
    at = data.draw(st.integers(0, len(request.cursor) - 1))
    other = data.draw(
        st.characters(codec="utf-8").filter(lambda c: c != request.cursor[at])
    )
    request.cursor = request.cursor[:at] + other + request.cursor[at + 1 :]
    with pytest.raises(BadRequest):
        CURSORS.open(caller(), request)


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_noise_does_not_open(text: str) -> None:
    with pytest.raises(BadRequest):
        CURSORS.open(caller(), SearchContactsRequest(cursor=text))


def test_a_cursor_is_bound_to_tenant_user_key_query_and_resource() -> None:
    request = sealed()
    changed = sealed()
    changed.search_text = "y"
    users = SearchUsersRequest()
    users.ParseFromString(request.SerializeToString())
    other = Cursors(SecretKeys(SecretKey(b"another key of 32 bytes for tests", 0)))
    for cursors, who, query in (
        (CURSORS, caller(business_id="biz_2"), request),
        (CURSORS, caller(user_id="usr_2"), request),
        (CURSORS, caller(), changed),
        (CURSORS, caller(), users),
        (other, caller(), request),
    ):
        with pytest.raises(BadRequest):
            cursors.open(who, query)
    assert CURSORS.open(caller(), request) == ("a", "con_1")
