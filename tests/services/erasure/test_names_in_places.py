"""Each name in each place where an erasure looks for people.

Texts are put together of pieces: names of people, words of ours among them, and
other words. A text names a person who has two of its pieces, and nobody else.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

import pytest
from prospectconnect.schema.v1 import fields_pb2

from services.erasure.kept_requests import Telling
from services.erasure.named_fields import NamedFields, named_fields
from services.erasure.person import Person, person_of
from services.erasure.rejected_rows import is_in
from services.erasure.stored_filters import forgotten, widens
from services.every_kind import compile_kinds
from services.kinds.own_fields import OwnField, OwnFields, Schema
from services.kinds.own_types import Rules
from tests.rounds import rounds

# Names that find a person, each by what is compared of it. None is a part of another
# one that is longer than four characters.
NAMES = (
    *("Li", "An", "A", "B", "É", "Ümit", "Müllér", "JOSÉ", "O'Brien", "Anne-Marie"),
    *("😀", "🎉🎉", "नीता", "शर्मा", "علی", "نور", "李", "小龙", "ß", "7"),
    *("System", "Import", "unchanged", "failed", "Partner", "Email", "Source", "Call"),
    *("null", "true", "delimiter", "columns", "Zo" * 60, "x" * 200),
)
# Names that find nobody: neither letters, nor digits, nor pictures.
WORDLESS = (".", "-", "?", "_", "…", "\u0301", '"', "%", "--", "'", "()", "+", "*")
# Words beside them that have short names as parts.
OTHERS = ("Alabama", "Berlin", "ankle", "list", "x@y.example", "12")
ROUNDS = rounds("ERASED_NAMES")


def schema() -> Schema:
    """A tenant with a text of its own, and a choice."""
    fields = {
        key: OwnField(
            key, Rules(kind, {"system": False}), False, False, False, None, ""
        )
        for key, kind in (
            ("motto", fields_pb2.FIELD_TYPE_TEXT),
            ("plan", fields_pb2.FIELD_TYPE_SELECT),
        )
    }
    none = OwnFields(0)
    return Schema(1, {"contacts": OwnFields(1, fields)}, none)


FIELDS = named_fields([each.kind for each in compile_kinds().values()], schema())


@dataclass(frozen=True, slots=True)
class Told:
    """Texts, by the pieces that they are made of."""

    texts: Sequence[str]
    pieces: Counter[str]

    def names(self, person: Sequence[str]) -> bool:
        return all(each in NAMES for each in person) and self.pieces >= Counter(person)


def spelt(rng: random.Random, piece: str) -> str:
    """A piece in another spelling that means the same."""
    spellings = (str, str.upper, str.lower, lambda text: normalize("NFD", text))
    return rng.choice(spellings)(piece)


def told(rng: random.Random, person: Sequence[str]) -> Told:
    """Some texts, often with both names of a person."""
    pieces = [rng.choice((*NAMES, *OTHERS)) for _ in range(rng.randrange(4))]
    pieces += [*person][: rng.choice((0, 1, 2, 2))]
    rng.shuffle(pieces)
    texts, separators = [""], (" ", ", ", " - ", " (", None)
    for piece in pieces:
        between = rng.choice(separators)
        if between is None:
            texts.append("")
        texts[-1] += f"{between or ''}{spelt(rng, piece)}"
    return Told([each for each in texts if each] or ["-"], Counter(pieces))


def places(texts: Sequence[str], person: Person) -> Iterator[tuple[str, bool]]:
    """Whether each place takes texts for the person's."""
    persons = [person]
    values = {f"custom_fields.k{n}": text for n, text in enumerate(texts)}
    asked = [{"field": f, "operator": "eq", "value": v} for f, v in values.items()]
    contacts = FIELDS.of(["contact.*"])
    yield "filters", forgotten(asked, persons, contacts) != asked
    nested = {"filters": [{"not": {"any": [{"all": asked}]}}], "measures": []}
    yield "a report", forgotten(nested, persons, FIELDS.of(["contacts"])) != nested
    several = [{"field": "name", "operator": "in", "values": [*texts]}]
    yield "a list of values", forgotten(several, persons, contacts) != several
    cells = ('"' + text.replace('"', '""') + '"' for text in texts)
    yield "a row of CSV", is_in(person, ",".join(cells).encode(), "")
    yield "a row of JSON", is_in(person, json.dumps(values).encode(), "")
    telling = Telling(persons, FIELDS)
    nothing = dict.fromkeys(("defaults", "mapping", "result", "problem"))
    row: Any = {"names": ["contacts"], **nothing, "defaults": values}
    yield "defaults", telling.import_left(row)[0] is None
    row = {"names": ["contacts"], **nothing, "mapping": dict.fromkeys(texts, "")}
    if len(set(texts)) == len(texts):
        yield "a mapping", telling.import_left(row)[1] is None
    header = {"columns": [*texts], "mapping": {}, "unmapped": [*texts], "failed": 1}
    row = {"names": ["contacts"], **nothing, "result": header}
    yield "a header", "columns" not in telling.import_left(row)[2]
    shown = [{"row": 1, "values": values, "problem": None}]
    row = {"names": ["contacts"], **nothing, "result": {"rows": shown, "created": 1}}
    yield "a shown row", "rows" not in telling.import_left(row)[2]


def wrong(
    rng: random.Random, names: Sequence[str], person: Person, count: int
) -> list[object]:
    """Where and for which texts a place and the pieces disagree."""
    drawn = [told(rng, names) for _ in range(count)]
    return [
        (place, each.texts, names)
        for each in drawn
        for place, is_found in places(each.texts, person)
        if is_found != each.names(names)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_every_place_agrees_on_whom_a_text_names(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(ROUNDS // 4):
        names = [rng.choice((*NAMES, *NAMES, *WORDLESS)) for _ in range(2)]
        person = person_of("", "", names)
        assert wrong(rng, names, person, 3) == []


def test_the_rounds_find_a_name_without_words_that_is_compared() -> None:
    planted = Person((), ((), ("partner",)), "")
    assert wrong(random.Random(1), [".", "Partner"], planted, 50)


def test_choices_of_ours_are_no_names() -> None:
    for names in (("System", "system"), ("import", "."), ("call", "email")):
        person = person_of("", "", names)
        chosen = {"field": "type", "operator": "in", "values": ["system", "call"]}
        both = [chosen, {"field": "source", "operator": "neq", "value": "import"}]
        both.append({"field": "type", "operator": "neq", "value": "email"})
        for about in (["activities"], ["activity.created"], []):
            assert forgotten(both, [person], FIELDS.of(about)) == both, names
    contact = {"field": "source", "operator": "neq", "value": "import import"}
    person = person_of("", "", ("Import", "Import"))
    left = forgotten(contact, [person], FIELDS.of(["contacts"]))
    assert left["value"] == "[erased]", "of contacts, it is a text"
    assert widens(contact, left, FIELDS.of(["contacts"]))


ADDRESSES: tuple[tuple[str, str, str, bool], ...] = (
    ("li@x.example", "eq", "li@x.example", True),
    ("ali@x.example", "eq", "li@x.example", False),
    ("ali@x.example", "contains", "li@x.example", True),
    ("li@x.example", "neq", "ali@x.example", False),
    ("li@x.co", "neq", "li@x.com", False),
    ("li@x.com", "neq", "li@x.co", False),
    ("li@x.co", "eq", "li@x.co.", True),
    ("li@x.co", "contains", "mail to li@x.co, soon", True),
    ("li@x.co", "contains", "me.li@x.co", False),
    ("li@x.co", "contains", "li@x.co.example", False),
    ("li@x.co", "not_contains", "@x.co", False),
)


@pytest.mark.parametrize(("email", "operator", "value", "names"), ADDRESSES, ids=str)
def test_an_address_is_not_that_of_somebody_else(
    email: str, operator: str, value: str, names: bool
) -> None:
    asked = {"field": "email", "operator": operator, "value": value}
    person = person_of(email, "", ("", ""))
    assert (forgotten(asked, [person], FIELDS) != asked) is names


def test_a_row_with_a_longer_address_or_number_is_that_of_somebody_else() -> None:
    person = person_of("li@x.example", "112", ("", ""))
    for other in (b"ali@x.example,x", b"li@x.example.org,x", b"x,112", b"x,11223"):
        assert not is_in(person, other, "")
    for own in (
        b"x,LI@x.example",
        b'{"note": "write\\nli@x.example."}',
        b"<li@x.example>",
    ):
        assert is_in(person, own, "")


def test_columns_that_are_called_as_their_fields_name_nobody() -> None:
    header = {
        "columns": ["Email", "First name", "Source", "Company", "Plan"],
        "mapping": {
            "Email": "email",
            "First name": "first_name",
            "Source": "source",
            "Company": ["company.name"],
            "Plan": "custom_fields.plan",
        },
        "unmapped": [],
        "unchanged": 1,
        "delimiter": ";",
    }
    nothing = dict.fromkeys(("defaults", "mapping", "problem"))
    row: Any = {"names": ["contacts"], **nothing, "result": header}
    for names in (("Email", "Source"), ("Company", "Name"), ("first", "plan")):
        telling = Telling([person_of("", "", names)], FIELDS)
        assert telling.import_left(row)[2] == header, names
    telling = Telling([person_of("", "", ("Grace", "Hopper"))], FIELDS)
    for columns in (["Grace", "Hopper"], ["Grace Hopper"], ["1", "hopper, GRACE"]):
        row["result"] = {"columns": columns, "mapping": {}, "failed": 1}
        assert telling.import_left(row)[2] == {"failed": 1}


def test_problems_name_people_by_what_they_quote() -> None:
    nothing = dict.fromkeys(("defaults", "mapping", "result"))
    for detail, names, is_gone in (
        (
            "The header names the column 'Grace Hopper' twice.",
            ("Grace", "Hopper"),
            True,
        ),
        ("The header names the column 'Grace Hopper' twice.", ("The", "Column"), False),
        ("Give one of call, email.", ("Call", "Email"), False),
        ('The header names the column "Jo O\'Neil" twice.', ("Jo", "O'Neil"), True),
    ):
        row: Any = {"names": [], **nothing, "problem": {"type": "x", "detail": detail}}
        left = Telling([person_of("", "", names)], FIELDS).import_left(row)[3]
        assert ("detail" not in left) is is_gone, detail


def test_fields_of_an_unknown_kind_hold_what_some_kind_has_in_them() -> None:
    assert isinstance(FIELDS.of(["*"]), NamedFields)
    person = person_of("", "", ("Grace", "Hopper"))
    for about in (["*"], [], ["no_such.created"], ["contact.*", "deal.*"]):
        asked = {"field": "source", "operator": "eq", "value": "Grace Hopper"}
        assert forgotten(asked, [person], FIELDS.of(about))["value"] == "[erased]"
