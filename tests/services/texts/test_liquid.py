"""Liquid reaches nothing but its values, and takes no more than it may."""

import time
import tracemalloc
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.texts.filters import FILTERS
from services.texts.liquid import check, fill
from services.texts.pieces import pieces_of
from services.texts.refused import Refused
from services.texts.told import Values
from tests.rounds import rounds
from tests.services.texts.hostile import HOSTILE

# Ten times what the slowest takes on a machine with nothing else to do, which is 0.2 s:
# a template that is not bounded takes minutes.
MOST_SECONDS = 2
MOST_BYTES = 32 * 1024**2
VALUES: Mapping[str, object] = {
    "contact": Values(first_name="<Ada>", tags=["x", "y"], lead_score=3),
    "n": 1,
    "m": 10**15,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_ends_soon_and_needs_little(name: str) -> None:
    tracemalloc.start()
    try:
        with suppress(Refused):
            fill(HOSTILE[name], VALUES, escapes=True)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < MOST_BYTES
    start = time.process_time()
    with suppress(Refused):
        assert len(fill(HOSTILE[name], VALUES, escapes=True)) < MOST_BYTES
    assert time.process_time() - start < MOST_SECONDS


def test_attributes_of_objects_are_nothing() -> None:
    assert fill(HOSTILE["attributes"], VALUES, escapes=False) == ""


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("{{ a", 1, "{{ is not closed by }} within 1000 characters."),
        ("a\n{% include 'x' %}", 2, "There is no tag include."),
        ("a\n\n{{ a | shout }}", 3, "There is no filter shout."),
        ("\n{% for i in %}{% endfor %}", 2, None),
        ("\n{% if a %}\n", 2, None),
        ("{{ (1..3) | join }}", 1, "Only a for tag may have a range."),
    ],
)
def test_a_fault_is_told_with_its_line(
    text: str, line: int, message: str | None
) -> None:
    with pytest.raises(Refused) as refused:
        check(text)
    assert refused.value.refusal.line == line
    assert message in (None, refused.value.refusal.message)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ '2026-02-03' | date: '%-d %B %Y' }}", "3 February 2026"),
        ("{{ '2026-02-03T23:30:00-02:00' | date: '%d %H:%M' }}", "04 01:30"),
        ("{{ 'soon' | date: '%Y' }}", "soon"),
        ("{{ nothing | date }}", ""),
        ("{{ '1.5' | times: 2 }} {{ 7 | divided_by: 2 }}", "3.0 3"),
        ("{{ 'a,b' | split: ',' | reverse | join: '-' }}", "b-a"),
        (
            "{% for i in (1..3) %}{{ i }}{% if forloop.last %}.{% endif %}{% endfor %}",
            "123.",
        ),
        ("{{ 'a..b' }}", "a..b"),
        ("{{ nothing | default: 'x' }}", "x"),
    ],
)
def test_filters_and_tags_do_what_liquid_says(text: str, told: str) -> None:
    assert fill(text, VALUES, escapes=False) == told


_NAMES = st.sampled_from(("a", "b", "c"))
_PLAIN = st.text("xyz<>&\"' \n", max_size=8)


@settings(max_examples=rounds("TEMPLATES"), deadline=None, database=None)
@given(
    parts=st.lists(st.tuples(_PLAIN, _NAMES), max_size=12),
    values=st.dictionaries(_NAMES, st.text(max_size=12), max_size=3),
)
def test_plain_places_are_filled_as_a_model_says(
    parts: list[tuple[str, str]], values: dict[str, str]
) -> None:
    text = "".join(f"{plain}{{{{ {name} }}}}" for plain, name in parts)
    told = "".join(plain + values.get(name, "") for plain, name in parts)
    assert fill(text, values, escapes=False) == told
    safe = {key: _escaped(value) for key, value in values.items()}
    told = "".join(plain + safe.get(name, "") for plain, name in parts)
    assert fill(text, values, escapes=True) == told


def _escaped(text: str) -> str:
    for char, entity in zip("&<>\"'", ("amp", "lt", "gt", "#34", "#39"), strict=True):
        text = text.replace(char, f"&{entity};")
    return text


_VALUE = st.sampled_from(
    (
        *("a", "b", "contact.tags", "contact", "1", "-1", "1000", "2.5", "'x'", "nil"),
        *("'1e99'", "999999999999999", "contact.first_name", "forloop", "i", "''"),
    )
)
_CHAINED = st.builds(
    lambda value, chain: " | ".join(
        (
            value,
            *(
                f"{name}: {', '.join(given)}" if given else name
                for name, given in chain
            ),
        )
    ),
    _VALUE,
    st.lists(
        st.tuples(st.sampled_from(sorted(FILTERS)), st.lists(_VALUE, max_size=2)),
        max_size=4,
    ),
)
_LEAF = st.one_of(
    _CHAINED.map("{{{{ {} }}}}".format),
    st.builds("{{% assign {} = {} %}}".format, _NAMES, _CHAINED),
    st.sampled_from(("x", "{% break %}", "{% increment a %}", "{% cycle 'x', a %}")),
)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=4).map("".join)
    return st.one_of(
        st.builds("{{% for i in (1..{}) %}}{}{{% endfor %}}".format, _VALUE, body),
        st.builds("{{% for i in {} reversed %}}{}{{% endfor %}}".format, _VALUE, body),
        st.builds(
            "{{% if {} contains {} %}}{}{{% endif %}}".format, _VALUE, _VALUE, body
        ),
        st.builds("{{% capture {} %}}{}{{% endcapture %}}".format, _NAMES, body),
        body,
    )


@settings(max_examples=rounds("TEMPLATES"), deadline=None, database=None)
@given(text=st.recursive(_LEAF, _blocks, max_leaves=30))
def test_any_template_is_filled_or_refused_soon(text: str) -> None:
    start = time.process_time()
    with suppress(Refused):
        fill(text, VALUES, escapes=True)
    assert time.process_time() - start < MOST_SECONDS


@settings(max_examples=rounds("TEMPLATES"), deadline=None, database=None)
@given(text=st.text("{}%-|.:'\"\n ab#(1)", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Refused):
        pieces = pieces_of(text)
        assert all(text[each.start : each.end] == each.text for each in pieces)
        fill(text, VALUES, escapes=False)
