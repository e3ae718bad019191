"""Fictitious people for the demonstration data: plausible, and equal on every machine.

Most work for one of the companies and have an e-mail address in its domain. The others
have private addresses. Every address ends in `.example`.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from google.protobuf.struct_pb2 import Struct
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact

from deploy.demo.countries import Country, phone, pick_country, plain
from deploy.demo.draws import SEED, drawn_id, evenly, some
from services.clock import from_timestamp, to_timestamp
from services.crm.contacts import derive

_STAGES = ("SUBSCRIBER", "LEAD", "QUALIFIED", "OPPORTUNITY", "CUSTOMER", "OTHER")
_STAGE_SHARES = (22, 44, 15, 7, 9, 3)
_STAGE_SCORES = (15, 30, 55, 70, 80, 20)  # the centres of the scores
_SOURCES = ("website", "referral", "trade fair", "webinar", "cold call", "newsletter")
_TAGS = ("VIP", "newsletter", "partner", "reseller", "press", "decision maker", "2026")
TITLES = (
    "Head of Sales",
    "Purchasing Manager",
    "Chief Executive Officer",
    "IT Director",
    "Marketing Manager",
    "Operations Lead",
    "Office Manager",
    "Software Engineer",
    "Account Executive",
    "Head of Finance",
)
_PRIVATE_DOMAINS = ("mailbox.example", "inbox.example", "post.example")


@dataclass(frozen=True, slots=True)
class _Companies:
    """The companies of one country, oldest first, and when they were created."""

    moments: list[int] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Pools:
    """The pools that are the same for all countries."""

    tags: tuple[list[str], ...]
    custom_fields: tuple[Struct, ...]
    owners: Sequence[str]
    companies: Mapping[str, _Companies]


def people(
    count: int,
    owners: Sequence[str],
    ends_at: int,
    seed: int = SEED,
    companies: Iterable[Company] = (),
) -> Iterator[Contact]:
    """Makes contacts, the oldest first, the newest just before `ends_at`.

    `owners` are the ids of the users who own them; some have no owner. `companies` are
    their employers. No contact is older than their employer.
    """
    random = Random(seed)  # noqa: S311 -- the same on every machine, not a secret
    pools = _make_pools(random, owners, companies)
    for number in range(count):
        person = _person(random, pools, number, evenly(number, count, ends_at))
        if number % 2:  # the others came after the system before
            person.external_ids["salesforce"] = f"003{number:012d}AAQ"
        yield person


def _person(random: Random, pools: _Pools, number: int, created: int) -> Contact:
    country = pick_country(random)
    company = _employer(random, pools.companies[country.code], created)
    first, last = random.choice(country.first_names), random.choice(country.last_names)
    stage = random.choices(range(len(_STAGES)), weights=_STAGE_SHARES)[0]
    moment = to_timestamp(created)
    contact = Contact(
        id=drawn_id(random, "con_", created),
        first_name=first,
        last_name=last,
        lifecycle_stage=stage + 1,  # type: ignore[arg-type]  # in the enum's order
        lead_score=min(100, max(0, int(random.gauss(_STAGE_SCORES[stage], 14)))),
        tags=random.choice(pools.tags),
        created_at=moment,
        updated_at=moment,
        country=country.code,
    )
    if random.random() < 0.93:
        contact.email = _email(random, first, last, company, number)
    if not contact.HasField("email") or random.random() < 0.7:
        contact.phone = phone(random, country)
    if company is not None:
        contact.company_id = company.id
    if number % 5 < 2:
        contact.time_zone = country.time_zone
    _place(random, contact, country, company)
    _fill(random, contact, pools, company)
    derive(contact)
    return contact


def _employer(random: Random, there: _Companies, created: int) -> Company | None:
    """Draws a person's employer, among the companies that are older."""
    known = bisect(there.moments, created)
    if not known or random.random() < 0.08:
        return None
    return there.companies[random.randrange(known)]


def _place(
    random: Random, contact: Contact, country: Country, company: Company | None
) -> None:
    """Sets a person's address: for most, that of their company."""
    if company is not None and random.random() < 0.8:
        for name in ("address1", "city", "state", "postal_code"):
            if company.HasField(name):
                setattr(contact, name, getattr(company, name))
        return
    place = random.choice(country.places)
    contact.city = place.city
    if place.state is not None:
        contact.state = place.state
    if random.random() < 0.6:
        contact.address1 = random.choice(country.streets)
        contact.postal_code = place.postal_code


def _fill(
    random: Random, contact: Contact, pools: _Pools, company: Company | None
) -> None:
    """Sets the fields that only some people have."""
    if random.random() < 0.8:
        contact.job_title = random.choice(TITLES)
    if random.random() < 0.85:
        contact.source = random.choice(_SOURCES)
    if company is not None and company.owner_id and random.random() < 0.7:
        contact.owner_id = company.owner_id
    elif pools.owners and random.random() < 0.9:
        contact.owner_id = random.choice(pools.owners)
    if contact.owner_id:
        contact.created_by = contact.owner_id
    contact.custom_fields.CopyFrom(random.choice(pools.custom_fields))


def _email(
    random: Random, first: str, last: str, company: Company | None, number: int
) -> str:
    """Makes an e-mail address; one in fifty private ones may not be unique."""
    local = f"{plain(first)}.{plain(last)}"
    if company is not None:
        return f"{local}@{company.domain}"
    mark = "" if random.random() < 0.02 else str(number % 97 + number // 97)
    return f"{local}{mark}@{random.choice(_PRIVATE_DOMAINS)}"


def _make_pools(
    random: Random, owners: Sequence[str], companies: Iterable[Company]
) -> _Pools:
    by_country: dict[str, _Companies] = defaultdict(_Companies)
    for company in companies:
        there = by_country[company.country]
        there.moments.append(from_timestamp(company.created_at))
        there.companies.append(company)
    return _Pools(
        tags=tuple(some(random, _TAGS, (0, 0, 1, 1, 2, 3)) for _ in range(99)),
        custom_fields=tuple(_custom_fields(random) for _ in range(199)),
        owners=owners,
        companies=by_country,
    )


def _custom_fields(random: Random) -> Struct:
    chances: dict[str, Any] = {
        "account_tier": random.choice(("bronze", "silver", "gold")),
        "seats": random.randrange(1, 500),
        "newsletter": random.random() < 0.5,
        "interests": random.sample(("pricing", "security", "API", "mobile"), 2),
    }
    kept = {key: value for key, value in chances.items() if random.random() < 0.4}
    fields = Struct()
    fields.update(kept)
    return fields
