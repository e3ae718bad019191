"""The patterns of formats accept the texts that the formats accept, and no other."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prospectconnect.options.v1.options_pb2 import Format

from services.kinds.formats import FORMATS
from services.kinds.patterns import PATTERNS, of_id

# Of texts of these characters each form has some, and others have a fault.
SHORT = st.text("aZ0_-@. +()/#x:[]?é", max_size=12)
CODES = st.text("ABCDEGRSU", min_size=1, max_size=4)
WEB = st.builds("{}://{}".format, st.sampled_from(("http", "HTTPS", "ftp", "")), SHORT)


def test_every_format_has_a_pattern() -> None:
    assert PATTERNS.keys() == FORMATS.keys()


@pytest.mark.parametrize("number", FORMATS, ids=Format.Name)
@given(text=st.one_of(SHORT, CODES, WEB, st.text(max_size=20)))
def test_a_pattern_says_what_its_format_does(
    number: Format.ValueType, text: str
) -> None:
    if text != text.strip() or "\0" in text:
        return  # it is trimmed or refused before
    is_web = number in (Format.FORMAT_HOST, Format.FORMAT_HTTP_URL)
    if is_web and (not text.isascii() or "[" in text):
        return  # a pattern cannot say what letters and IPv6 addresses are
    matches = re.search(PATTERNS[number], text) is not None
    assert matches == bool(FORMATS[number].matches(text))


# Hypothesis does not understand the phone's lookahead and drops most of its texts.
@pytest.mark.parametrize("number", FORMATS, ids=Format.Name)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_a_text_made_from_a_pattern_has_the_format(
    number: Format.ValueType, data: st.DataObject
) -> None:
    made = st.from_regex(re.compile(PATTERNS[number], re.ASCII), fullmatch=True)
    text = data.draw(made)
    if text == text.strip() and text.isascii() and "[" not in text:
        assert FORMATS[number].matches(text)


def test_the_longest_labels_and_ports_are_within() -> None:
    host, url = PATTERNS[Format.FORMAT_HOST], PATTERNS[Format.FORMAT_HTTP_URL]
    for length, fits in ((63, True), (64, False)):
        text = f"{'x' * length}.y"
        assert bool(re.search(host, text)) is fits
        assert bool(FORMATS[Format.FORMAT_HOST].matches(text)) is fits
    for port, fits in ((65_535, True), (65_536, False), (9, True), (99_999, False)):
        text = f"http://x:{port}"
        assert bool(re.search(url, text)) is fits
        assert bool(FORMATS[Format.FORMAT_HTTP_URL].matches(text)) is fits


def test_an_id_has_the_form_of_its_kind() -> None:
    digits = "0123456789abcdef01234567"
    assert re.search(of_id("con_"), f"con_{digits}")
    assert not re.search(of_id("con_"), f"cmp_{digits}")
    assert re.search(of_id(""), f"stg_{digits}")
