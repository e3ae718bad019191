"""The ways to duplicates of a contact: e-mail, telephone, company and names."""

from collections.abc import Sequence
from typing import Any

from services.duplicates.likeness import phone_end
from services.duplicates.persons import also_called, compare_persons, read_person
from services.duplicates.ways import Comparing, Equal, Keys, Near

# As the indexes of the migrations 0005 and 0020 have them.
_EMAIL = "(coalesce(lower(r.email), '') COLLATE \"C\")"
_PHONE = '(phone_end(r.phone) COLLATE "C")'
_PERSON = (
    "(left(fold(coalesce(r.last_name, '') || ' ' || coalesce(r.first_name, '')), 100)"
    ' COLLATE "C")'
)

# So many names that a person may be called by are looked for within the company.
_MOST_CALLED = 12

COLUMNS = (
    "r.id, fold(r.name) AS name, lower(r.email) AS email, r.phone, r.company_id,"
    " fold(coalesce(r.first_name, '')) AS first,"
    " fold(coalesce(r.last_name, '')) AS last"
)


def _keys(row: Any) -> Sequence[Keys]:
    """The keys of one contact; further ones are for names that it may also have."""
    who, company = {"id": row["id"], "name": row["name"]}, row["company_id"] or ""
    first, last = row["first"], row["last"]
    keys = who | {
        "email": row["email"] or "",
        "phone": phone_end(row["phone"] or ""),
        "person": f"{last} {first}"[:100] if first or last else "",
        "swapped": f"{first} {last}"[:100] if first and last else "",
        "company_id": company,
    }
    local, _, domain = keys["email"].rpartition("@")
    untagged = local.partition("+")[0]
    if untagged:  # addresses with a tag behind it are those until the next letter
        keys |= {"tagged": f"{untagged}+", "tags_end": f"{untagged},"}
    more = _called(who, first, last, company)
    if untagged and untagged != local:
        more = [who | {"email": f"{untagged}@{domain}"}, *more]
    return (keys, *more)


def _called(who: Keys, first: str, last: str, company: str) -> list[Keys]:
    """The keys of the names that a person may be called by within the company."""
    if not (company and first and last):
        return []
    called = sorted(also_called(first))[:_MOST_CALLED]
    others = [f"{last} {each}"[:100] for each in called]
    return [{**who, "called": each, "company_id": company} for each in others]


CONTACTS = Comparing(
    columns=COLUMNS,
    name="fold(r.name)",
    given=("first_name", "last_name", "name", "email", "phone", "company_id"),
    made="",
    ways=(
        Equal("email", _EMAIL),
        Equal("tagged", _EMAIL, until="tags_end"),
        Equal("phone", _PHONE),
        Equal("swapped", _PERSON),
        Near("person", _PERSON),
        Near("person", _PERSON, within="company_id"),
        Equal("called", _PERSON, within="company_id", most=10),
    ),
    names=(
        *("id", "name", "email", "tagged", "tags_end", "phone", "person", "swapped"),
        *("called", "company_id"),
    ),
    read=read_person,
    keys=_keys,
    compare=compare_persons,
)
