"""Compares companies: whether two are probably the same.

A name without its legal form is strong, a domain of its own stronger. Companies of one
name with other domains, in other places or of other legal forms are told apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from services.duplicates.likeness import (
    NOTHING,
    Likeness,
    is_free,
    is_same_phone,
    is_slip,
    phone_digits,
    words,
)

# Legal forms, each with one that means the same.
_OTHER_FORMS = (
    "ab ag as asa bv cv eirl gbr gmbh kft kg kgaa lda llp lp mbh nv og ohg oy oyj plc"
    " pte sarl sas sau sc scoop se sp spa spj spk srl stiftung ug"
)
_FORMS = {each: each for each in _OTHER_FORMS.split()}
_FORMS |= {"inc": "inc", "incorporated": "inc", "corp": "inc", "corporation": "inc"}
_FORMS |= {"ltd": "ltd", "limited": "ltd", "ltda": "ltda", "limitada": "ltda"}
_FORMS |= {"llc": "llc", "sa": "sa", "sl": "sl", "pty": "ltd", "pvt": "ltd"}
# Words that tell nothing of a company, or that are often left out.
_LEFT_OUT = (
    "the and und et y e i of z oo co company group groep groupe gruppe"
    " sons fils figli hijos filhos syn"
)
_EMPTY = frozenset(_LEFT_OUT.split())

_SAME, _SLIP, _PART, _OTHER = 100, 90, 60, 0


@dataclass(frozen=True, slots=True)
class Organization:
    """A company as it is compared. Texts are folded."""

    id: str
    words: tuple[str, ...]
    forms: frozenset[str]
    host: str
    phone: str
    city: str
    country: str


def read_organization(row: Any) -> Organization:
    """Makes an organization of a row with the columns of `companies.COLUMNS`."""
    named = _joined(words(row["name"].replace(".", "")))
    telling = tuple(w for w in named if w not in _FORMS and w not in _EMPTY)
    host = row["host"] or ""
    return Organization(
        id=row["id"],
        words=telling or named,
        forms=frozenset(_FORMS[each] for each in named if each in _FORMS),
        host="" if is_free(host) else host,
        phone=phone_digits(row["phone"] or ""),
        city=row["city"],
        country=row["country"] or "",
    )


def _joined(named: Iterable[str]) -> tuple[str, ...]:
    """Words with letters that stand alone put together: `S/A` is also written SA."""
    runs = groupby(named, key=lambda word: len(word) == 1)
    found: list[str] = []
    for is_letter, run in runs:
        found += ["".join(run)] if is_letter else run
    return tuple(found)


def compare_organizations(one: Organization, other: Organization) -> Likeness:
    """How likely two companies are the same."""
    name = _names(one.words, other.words)
    host = bool(one.host) and one.host == other.host
    phone = is_same_phone(one.phone, other.phone)
    shared = []
    if host:
        shared.append("domain")
    if phone:
        shared.append("phone")
    if name >= _SLIP:
        shared.append("name" if name == _SAME else "similar name")
    score = NOTHING.score
    if host:
        score = 98 if name >= _SLIP else 90 if name == _PART else 85
    if phone:
        score = max(score, 96 if name >= _SLIP else 85 if name == _PART else 40)
    if name >= _SLIP:
        score = max(score, _by_name(one, other, name))
    return Likeness(score, tuple(shared))


def _by_name(one: Organization, other: Organization, name: int) -> int:
    against = _against(one, other)
    if name == _SAME:
        return max(90 - 14 * against, 0)
    return max(82 - 14 * against, 0)


def _against(one: Organization, other: Organization) -> int:
    """How much of what is known of both speaks against their being the same."""
    differs = (
        bool(one.host and other.host) and one.host != other.host,
        bool(one.phone and other.phone) and not is_same_phone(one.phone, other.phone),
        bool(one.city and other.city) and one.city != other.city,
        bool(one.country and other.country) and one.country != other.country,
        bool(one.forms and other.forms) and one.forms.isdisjoint(other.forms),
    )
    return sum(differs)


def _names(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How alike two names are."""
    if not one or not other:
        return _OTHER
    if one == other or sorted(one) == sorted(other) or "".join(one) == "".join(other):
        return _SAME
    whole, other_whole = " ".join(sorted(one)), " ".join(sorted(other))
    if is_slip(whole, other_whole) or is_slip("".join(one), "".join(other)):
        return _SLIP
    fewer, more = sorted((set(one), set(other)), key=len)
    return _PART if fewer <= more else _OTHER
