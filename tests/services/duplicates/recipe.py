"""The recipe: copies as people enter them twice, and others that look alike.

A copy keeps one thing that leads to the original: a mailbox, a telephone number, a
company or a domain. What looks alike shares as much, and is somebody else.
"""

from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from google.protobuf.message import Message
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact

from deploy.demo.countries import plain
from services.duplicates.persons import also_called

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# The demonstration data have private addresses in `.example` alone.
PROVIDERS = ("gmail.com", "gmx.de", "orange.fr")

# Makes another record of one. None if it lacks what the other would keep.
Make = Callable[[Random, Any], Any]

R = TypeVar("R", bound=Message)


def slip(draw: Random, text: str) -> str:
    """The text with one typing error, as all are made: a letter more, less, other, or
    two that changed places. Not of the first letter: few people mistake that."""
    place = draw.randrange(1, len(text) - 1)
    head, letter, tail = text[:place], text[place], text[place + 1 :]
    return draw.choice(
        (
            head + tail,
            head + letter + letter + tail,
            head + draw.choice(_LETTERS) + tail,
            head + tail[:1] + letter + tail[1:],
        )
    )


def _without(record: R, *names: str) -> R:
    for name in names:
        record.ClearField(name)
    return record


def _mistyped(draw: Random, it: Contact) -> Contact | None:
    name = draw.choice(("first_name", "last_name"))
    if len(getattr(it, name)) < 4 or not (it.phone or it.company_id):
        return None
    setattr(it, name, slip(draw, getattr(it, name)))
    return _without(it, "email") if it.phone else _without(it, "phone")


def _nicknamed(draw: Random, it: Contact) -> Contact | None:
    names = sorted(also_called(it.first_name.lower()))
    if not names or not it.company_id:
        return None
    it.first_name = draw.choice(names).title()
    it.email = f"{plain(it.first_name)}@{it.email.partition('@')[2] or 'gmail.com'}"
    return _without(it, "phone")


def _swapped(draw: Random, it: Contact) -> Contact | None:
    it.first_name, it.last_name = it.last_name, it.first_name
    return _without(it, draw.choice(("email", "address1"))) if it.phone else None


def _redialled(_: Random, it: Contact) -> Contact | None:
    if not it.phone:
        return None
    prefix, area, line = it.phone.split()
    it.phone = (
        f"(0{area}) {line[:3]}-{line[3:]}" if prefix != "+1" else f"{area}/{line}"
    )
    return _without(it, "email", "company_id")


def _plainly(_: Random, it: Contact) -> Contact | None:
    if not it.company_id:
        return None
    it.first_name = plain(it.first_name).upper()
    it.last_name = plain(it.last_name).replace("-", " ").upper()
    it.phone = "+1 555 0100"
    return _without(it, "email")


def _by_mail_alone(_: Random, it: Contact) -> Contact | None:
    it.email = it.email.upper()
    return _without(it, "first_name", "last_name", "phone") if it.email else None


def _tagged(_: Random, it: Contact) -> Contact | None:
    local, at, domain = it.email.partition("@")
    it.email = f"{local}+news{at}{domain}"
    return _without(it, "phone", "company_id") if at else None


def _mail_mistyped(draw: Random, it: Contact) -> Contact | None:
    local, at, domain = it.email.partition("@")
    if not at or len(local) < 6:
        return None
    it.email = f"{slip(draw, local)}@{domain}"
    return _without(it, "phone", "company_id")


def _from_home(draw: Random, it: Contact) -> Contact | None:
    if not it.company_id or not it.email:
        return None
    it.email = f"{plain(it.last_name)}{draw.randrange(99)}@{draw.choice(PROVIDERS)}"
    return _without(it, "phone")


COPIES: dict[str, Make] = {
    "a typing error in a name": _mistyped,
    "a nickname": _nicknamed,
    "names swapped": _swapped,
    "another form of the telephone number": _redialled,
    "capitals, no accents": _plainly,
    "the e-mail address alone": _by_mail_alone,
    "a tag in the e-mail address": _tagged,
    "a typing error in the e-mail address": _mail_mistyped,
    "a private e-mail address": _from_home,
}


def _other_first(draw: Random, it: Contact) -> str:
    called = also_called(it.first_name.lower()) | {it.first_name.lower()}
    names = ("Wilhelmina", "Oscar", "Beatrix", "Thaddeus", "Yvonne", "Quentin")
    return draw.choice([each for each in names if each.lower() not in called])


def _colleague(draw: Random, it: Contact) -> Contact | None:
    it.first_name = _other_first(draw, it)
    it.email = f"{plain(it.first_name)}@{it.email.partition('@')[2] or 'gmail.com'}"
    return _without(it, "phone") if it.company_id else None


def _son(_: Random, it: Contact) -> Contact | None:
    it.last_name += " Jr."
    return _without(it, "email", "company_id") if it.phone else None


def _switchboard(draw: Random, it: Contact) -> Contact | None:
    it.first_name, it.last_name = _other_first(draw, it), "Abernathy"
    return _without(it, "email") if it.phone and it.company_id else None


def _family(draw: Random, it: Contact) -> Contact | None:
    it.first_name = _other_first(draw, it)
    return _without(it, "phone") if it.email and not it.company_id else None


def _namesake(draw: Random, it: Contact) -> Contact | None:
    it.email = (
        f"{plain(it.last_name)}{draw.randrange(9)}@else{draw.randrange(99)}.example"
    )
    it.phone = f"+1 {draw.randrange(200, 999)} {draw.randrange(10**6, 10**7)}"
    return _without(it, "company_id")


def _namesake_there(draw: Random, it: Contact) -> Contact | None:
    if not (it.company_id and it.email and it.phone):
        return None
    it.email = (
        f"{plain(it.first_name)[0]}{draw.randrange(99)}@{it.email.partition('@')[2]}"
    )
    it.phone = f"+1 {draw.randrange(200, 999)} {draw.randrange(10**6, 10**7)}"
    return it


LIKE_PEOPLE: dict[str, Make] = {
    "same last name, same company": _colleague,
    "father and son, same telephone": _son,
    "same switchboard": _switchboard,
    "same mailbox of a family": _family,
    "same name, elsewhere": _namesake,
    "same name, same company, another person": _namesake_there,
}


def _formless(draw: Random, it: Company) -> Company:
    it.name = it.name.rpartition(" ")[0]
    return _without(it, "domain", "website", draw.choice(("phone", "city")))


def _misnamed(draw: Random, it: Company) -> Company | None:
    it.name = slip(draw, it.name.rpartition(" ")[0])
    return _without(it, "domain", "website") if len(it.name) > 5 else None


def _plain_name(_: Random, it: Company) -> Company:
    it.name = plain(it.name).replace("-", " ").upper()
    return _without(it, "domain", "website", "phone")


def _turned(_: Random, it: Company) -> Company | None:
    words = it.name.rpartition(" ")[0].split()
    it.name = " ".join(reversed(words))
    return _without(it, "domain", "website") if len(words) > 1 else None


def _renamed(draw: Random, it: Company) -> Company:
    it.name = f"Trading as {draw.randrange(10**6)}"
    return _without(it, "domain", "phone", "city")


def _company_redialled(_: Random, it: Company) -> Company | None:
    if not it.phone:
        return None
    it.phone = it.phone.partition(" ")[2].replace(" ", "/")
    return _without(it, "domain", "website", "city", "country")


COMPANY_COPIES: dict[str, Make] = {
    "without its legal form": _formless,
    "a typing error in the name": _misnamed,
    "capitals, no accents": _plain_name,
    "words in another order": _turned,
    "another name, the website": _renamed,
    "another form of the telephone number": _company_redialled,
}


def _trade(draw: Random, it: Company) -> Company:
    it.name = f"{it.name.split()[0]} {draw.choice(('Zinc', 'Jute', 'Oyster'))} Ltd"
    return _without(it, "domain", "website", "phone")


def _elsewhere(draw: Random, it: Company) -> Company:
    it.domain = f"other{draw.randrange(10**6)}.example"
    it.city = "Elsewhere"
    return _without(it, "website", "phone")


def _same_board(draw: Random, it: Company) -> Company | None:
    it.name = f"{draw.choice(('Zinc', 'Jute', 'Oyster'))} Partners"
    return _without(it, "domain", "website") if it.phone else None


def _branch(draw: Random, it: Company) -> Company:
    it.name = f"{it.name} {draw.randrange(2, 99)}"
    return _without(it, "domain", "website", "phone")


LIKE_COMPANIES: dict[str, Make] = {
    "same founder, another trade": _trade,
    "same name, elsewhere": _elsewhere,
    "same switchboard": _same_board,
    "another branch": _branch,
}
