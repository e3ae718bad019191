"""Links in mails by themselves: nobody makes one, changes one or reads one."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sealed.mailed_links import MailedLink, MailedLinks
from services.sealed.secret_keys import SecretKey, SecretKeys

OLD, NEW = SecretKey(b"o" * 32, 0), SecretKey(b"n" * 32, 1)
LINKS = MailedLinks(SecretKeys(OLD))
LINK = MailedLink(
    "biz_" + "1" * 24, "con_" + "2" * 24, "top_" + "3" * 24, "a@b.example"
)
TEXT = LINKS.seal(LINK)
IDS = st.text("0123456789abcdef", min_size=24, max_size=24)


@given(IDS, IDS, IDS, st.text(max_size=254))
def test_a_link_opens_as_what_it_was(
    business: str, contact: str, topic: str, address: str
) -> None:
    address = address.encode(errors="ignore").decode()
    link = MailedLink(f"biz_{business}", f"con_{contact}", f"top_{topic}", address)
    assert LINKS.open(LINKS.seal(link)) == link


def test_it_tells_nothing_and_fits_into_a_header() -> None:
    path = LINKS.path(LINK)
    assert re.fullmatch(r"/unsubscribe/[\w-]+", path, re.A)
    assert len(path) < 130
    assert "b.example" not in path
    long = replace(LINK, address="a" * 254)
    assert len(LINKS.path(long)) < 450  # a line of a header has up to 998


def test_an_id_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with con_"):
        LINKS.seal(MailedLink(LINK.business_id, "top_" + "1" * 24, LINK.topic_id, ""))


def test_after_a_rotation_old_links_open_and_new_ones_have_the_new_key() -> None:
    both = MailedLinks(SecretKeys(NEW, OLD))
    assert both.open(TEXT) == LINK
    assert both.seal(LINK) != TEXT
    assert LINKS.open(both.seal(LINK)) is None


def test_no_character_of_it_can_be_another_one() -> None:
    for place, letter in enumerate(TEXT):
        other = "A" if letter != "A" else "B"
        assert LINKS.open(TEXT[:place] + other + TEXT[place + 1 :]) is None, place
        assert LINKS.open(TEXT[:place]) is None, place
        assert LINKS.open(TEXT[place:]) is None or place == 0, place


@pytest.mark.parametrize("text", ["", "é", "x", "=", "A" * 70, "A" * 5_000, TEXT + "="])
def test_what_is_none_is_none(text: str) -> None:
    assert LINKS.open(text) is None


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_no_bytes_open_behind_the_name_of_a_key(data: bytes) -> None:
    assert LINKS.open(TEXT[:8] + data.hex()) is None
