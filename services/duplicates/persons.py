"""Compares contacts: whether two are probably the same person.

A name alone is no proof, as people share names, nor is a telephone number, as
colleagues and families share those. Both together are, and so is a name within one
company, unless e-mail and telephone speak against it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nicknames import NickNamer

from services.duplicates.likeness import (
    NOTHING,
    Likeness,
    is_free,
    is_same_phone,
    is_slip,
    phone_digits,
    words,
)

# English names and what people with them are called, by others (Apache License 2.0).
_NICKNAMES = NickNamer()

_GENERATIONS = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr"}
_GENERATIONS |= {each: each for each in ("ii", "iii", "iv")}
_TITLES = frozenset({"dr", "herr", "frau", "miss", "mr", "mrs", "ms", "prof", "sir"})
# Mailboxes of several people.
_MAILBOXES = (
    "accounts admin billing contact hello help hr info kontakt mail marketing office"
    " post sales service support team"
)
_SHARED = frozenset(_MAILBOXES.split())
# Dots in these addresses mean nothing.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})

# How alike names are. Below `_ALIKE` they are of different people.
_SAME, _CALLED, _SLIP, _SHORT, _ALIKE, _OTHER = 100, 95, 90, 80, 85, 0
# Of father and son, who may share all but this.
_KIN = 60


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as it is compared. Texts are folded; `email` is without its tag."""

    id: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    generation: str
    email: str
    domain: str
    phone: str
    company_id: str

    @property
    def has_name(self) -> bool:
        return bool(self.first or self.last)


def read_person(row: Any) -> Person:
    """Makes a person of a row with the columns of `contacts.COLUMNS`."""
    first = tuple(each for each in words(row["first"]) if each not in _TITLES)
    last = words(row["last"])
    generation = next(
        (_GENERATIONS[each] for each in reversed((*first, *last)) if _is_rank(each)), ""
    )
    if generation:
        first = tuple(each for each in first if not _is_rank(each))
        last = tuple(each for each in last if not _is_rank(each))
    email, domain = _address(row["email"] or "")
    return Person(
        id=row["id"],
        first=first,
        last=last,
        generation=generation,
        email=email,
        domain=domain,
        phone=phone_digits(row["phone"] or ""),
        company_id=row["company_id"] or "",
    )


def _is_rank(word: str) -> bool:
    return word in _GENERATIONS


def _address(email: str) -> tuple[str, str]:
    """An address without its tag, and its domain."""
    local, _, domain = email.rpartition("@")
    if not local:
        return email, ""
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local = local.replace(".", "")
    return f"{local}@{domain}", domain


def also_called(first: str) -> frozenset[str]:
    """The names that people of a first name are called by, and those behind it."""
    return _also_called(first)


@lru_cache(maxsize=4096)
def _also_called(first: str) -> frozenset[str]:
    return frozenset(_NICKNAMES.nicknames_of(first) | _NICKNAMES.canonicals_of(first))


def compare_persons(one: Person, other: Person) -> Likeness:
    """How likely two contacts are the same person."""
    name = _names(one, other)
    mailbox = bool(one.email) and one.email == other.email
    shares_mailbox = mailbox and one.email.partition("@")[0] in _SHARED
    phone = is_same_phone(one.phone, other.phone)
    shared = _shared(one, other, name, mailbox and not shares_mailbox, phone)
    found = [NOTHING]
    if mailbox and not shares_mailbox:
        found.append(Likeness(_by_mailbox(one, other, name), shared))
    if phone:
        found.append(Likeness(_by_phone(name), shared))
    if name is not None and name >= _SHORT:
        found.append(Likeness(_by_name(one, other, name, shared), shared))
    best = max(found, key=lambda each: each.score)
    if mailbox and phone and best.score >= 90:
        return Likeness(min(best.score + 2, 100), shared)
    return best


def _shared(
    one: Person, other: Person, name: int | None, mailbox: bool, phone: bool
) -> tuple[str, ...]:
    """What two contacts have in common, in words."""
    shared = []
    if mailbox:
        shared.append("email")
    if phone:
        shared.append("phone")
    if name is not None and name >= _SHORT:
        if one.company_id and one.company_id == other.company_id:
            shared.append("name and company")
        elif not mailbox and _is_similar(one, other):
            shared.append("name and similar email")
        elif one.domain and one.domain == other.domain and not is_free(one.domain):
            shared.append("name and domain")
        else:
            shared.append("name")
    return tuple(shared)


def _by_mailbox(one: Person, other: Person, name: int | None) -> int:
    if name is None:
        return 95
    if name >= _SHORT:
        return 98
    # Who marries may take another name; a family may share a mailbox.
    return 88 if _given(one.first, other.first) >= _CALLED or name == _KIN else 60


def _by_phone(name: int | None) -> int:
    if name is None:
        return 70
    return 96 if name >= _ALIKE else 90 if name >= _SHORT else 40


def _by_name(one: Person, other: Person, name: int, shared: tuple[str, ...]) -> int:
    """By a name, and what else is known besides e-mail and telephone."""
    against = _against(one, other)
    if "name" in shared:
        return max((72 if name >= _CALLED else 60) - 12 * against, 0)
    if "name and similar email" in shared and name >= _ALIKE:
        return 92 if name >= _CALLED else 88
    sure = {_SAME: 94, _CALLED: 90, _SLIP: 88}.get(name, 74)
    if against == 2:
        # Two people of one name in one company have two addresses there.
        return sure - (26 if one.domain == other.domain or name < _SAME else 10)
    return sure - 5 * against


def _against(one: Person, other: Person) -> int:
    """How many of e-mail and telephone speak against two being the same."""
    mails = one.email and other.email and one.email != other.email
    phones = one.phone and other.phone and not is_same_phone(one.phone, other.phone)
    return bool(mails) + bool(phones)


def _is_similar(one: Person, other: Person) -> bool:
    """Whether two addresses differ as by a typing error."""
    if not one.domain or not other.domain or one.email == other.email:
        return False
    local, other_local = one.email.partition("@")[0], other.email.partition("@")[0]
    if one.domain == other.domain:
        return len(local) > 4 and is_slip(local, other_local)
    return local == other_local and is_slip(one.domain, other.domain)


def _names(one: Person, other: Person) -> int | None:
    """How alike two names are; None if one is not known."""
    if not (one.has_name and other.has_name):
        return None
    alike = _either_way(one, other)
    if alike >= _SHORT and one.generation != other.generation:
        return _KIN
    return alike


def _either_way(one: Person, other: Person) -> int:
    if one.first == other.first and one.last == other.last:
        return _SAME
    if sorted((*one.first, *one.last)) == sorted((*other.first, *other.last)):
        return _SAME
    straight = min(_given(one.first, other.first), _family(one.last, other.last))
    if straight >= _ALIKE:
        return straight
    swapped = min(_given(one.first, other.last), _family(one.last, other.first))
    return max(straight, swapped)


def _given(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How alike two first names are."""
    if not one or not other:
        return _SHORT
    alike = _parts(one, other)
    if alike >= _ALIKE:
        return alike
    if len(one[0]) == 1 or len(other[0]) == 1:
        return _SHORT if one[0][0] == other[0][0] else _OTHER
    if other[0] in also_called(one[0]):
        return _CALLED
    # A middle name is often left out.
    if one[0] == other[0] and 1 in (len(one), len(other)):
        return _CALLED
    return alike


def _family(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How alike two last names are."""
    if not one or not other:
        return _SHORT
    alike = _parts(one, other)
    if alike < _ALIKE and (set(one) <= set(other) or set(other) <= set(one)):
        return _SLIP
    return alike


def _parts(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    if one == other:
        return _SAME
    whole, other_whole = "".join(one), "".join(other)
    if whole == other_whole or sorted(one) == sorted(other):
        return _SAME
    return _SLIP if is_slip(whole, other_whole) else _OTHER
