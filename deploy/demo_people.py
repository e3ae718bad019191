"""Made-up people for the demonstration data: plausible, and the same on every machine.

Faker makes small pools of names, places and firms for each country; people are drawn
from them, so that a million takes seconds. Every address lies in `.example`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any

from faker import Faker
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.crm.v1.contacts_pb2 import Contact

SEED = 20_260_601
SPAN_SECONDS = 2 * 365 * 86_400  # contacts came in over two years

# Locale, country, how its telephone numbers begin, and its share of the people.
_COUNTRIES = (
    ("en_US", "US", "+1 ", 24),
    ("de_DE", "DE", "+49 ", 16),
    ("en_GB", "GB", "+44 ", 12),
    ("fr_FR", "FR", "+33 ", 12),
    ("es_ES", "ES", "+34 ", 8),
    ("it_IT", "IT", "+39 ", 7),
    ("nl_NL", "NL", "+31 ", 6),
    ("pl_PL", "PL", "+48 ", 5),
    ("pt_BR", "BR", "+55 ", 5),
    ("sv_SE", "SE", "+46 ", 5),
)
_STAGES = ("SUBSCRIBER", "LEAD", "QUALIFIED", "OPPORTUNITY", "CUSTOMER", "OTHER")
_STAGE_SHARES = (18, 38, 17, 10, 14, 3)
_STAGE_SCORES = (15, 30, 55, 70, 80, 20)  # about which the scores lie
_SOURCES = ("website", "referral", "trade fair", "webinar", "cold call", "newsletter")
_TAGS = ("VIP", "newsletter", "partner", "reseller", "press", "decision maker", "2026")
_TITLES = (
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
_SPECIAL_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "ð": "d"})


@dataclass(frozen=True, slots=True)
class _Place:
    city: str
    state: str | None
    postal_code: str


@dataclass(frozen=True, slots=True)
class _Country:
    """What people of one country are made of."""

    code: str
    dialling: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    places: tuple[_Place, ...]
    streets: tuple[str, ...]
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pools:
    """What people of all countries have in common."""

    countries: tuple[_Country, ...]
    shares: tuple[int, ...]
    tags: tuple[tuple[str, ...], ...]
    custom_fields: tuple[Struct, ...]


def people(
    count: int, owners: Sequence[str], ends_at: int, seed: int = SEED
) -> Iterator[Contact]:
    """Makes so many contacts, the oldest first, the newest just before Unix `ends_at`.

    `owners` are the ids of users among whom they are spread; some have no owner.
    """
    random = Random(seed)  # noqa: S311 -- the same on every machine, not a secret
    pools = _make_pools(random, seed)
    for number in range(count):
        created = ends_at - SPAN_SECONDS + SPAN_SECONDS * number // count
        yield _person(random, pools, number, created, owners)


def _person(
    random: Random, pools: _Pools, number: int, created: int, owners: Sequence[str]
) -> Contact:
    country = random.choices(pools.countries, cum_weights=pools.shares)[0]
    first, last = random.choice(country.first_names), random.choice(country.last_names)
    stage = random.choices(range(len(_STAGES)), weights=_STAGE_SHARES)[0]
    moment = Timestamp(seconds=created, nanos=random.randrange(1_000_000) * 1000)
    contact = Contact(
        id=f"con_{created:08x}{random.getrandbits(64):016x}",
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
        contact.email = _email(random, first, last, country, number)
    if not contact.HasField("email") or random.random() < 0.7:
        contact.phone = _phone(random, country)
    _fill(random, contact, country, pools, owners)
    return contact


def _fill(
    random: Random,
    contact: Contact,
    country: _Country,
    pools: _Pools,
    owners: Sequence[str],
) -> None:
    """Sets what only some people have."""
    if random.random() < 0.8:
        contact.job_title = random.choice(_TITLES)
    if random.random() < 0.85:
        contact.source = random.choice(_SOURCES)
    if owners and random.random() < 0.9:
        contact.owner_id = random.choice(owners)
        contact.created_by = contact.owner_id
    place = random.choice(country.places)
    contact.city = place.city
    if place.state is not None:
        contact.state = place.state
    if random.random() < 0.6:
        contact.address1 = random.choice(country.streets)
        contact.postal_code = place.postal_code
    contact.custom_fields.CopyFrom(random.choice(pools.custom_fields))


def _email(
    random: Random, first: str, last: str, country: _Country, number: int
) -> str:
    """Makes an address; one in fifty may be somebody else's, too."""
    mark = "" if random.random() < 0.02 else str(number % 97 + number // 97)
    domain = random.choice(country.domains)
    return f"{_plain(first)}.{_plain(last)}{mark}@{domain}"


def _phone(random: Random, country: _Country) -> str:
    area, line = random.randrange(20, 999), random.randrange(10**6, 10**7)
    return f"{country.dialling}{area} {line}"


def _plain(text: str) -> str:
    """Writes a name in the letters of a host: `Ana María` becomes `ana-maria`."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_SPECIAL_LETTERS))
    letters = decomposed.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-") or "x"


def _make_pools(random: Random, seed: int) -> _Pools:
    countries = tuple(
        _make_country(locale, code, dialling, seed)
        for locale, code, dialling, _ in _COUNTRIES
    )
    tags = [
        tuple(random.sample(_TAGS, random.choice((0, 0, 1, 1, 2, 3))))
        for _ in range(99)
    ]
    return _Pools(
        countries=countries,
        shares=tuple(accumulate(share for *_, share in _COUNTRIES)),
        tags=tuple(tags),
        custom_fields=tuple(_custom_fields(random) for _ in range(199)),
    )


def _make_country(locale: str, code: str, dialling: str, seed: int) -> _Country:
    fake = Faker(locale)
    fake.seed_instance(seed)
    has_states = code in ("US", "BR")
    places = tuple(
        _Place(fake.city(), fake.state_abbr() if has_states else None, fake.postcode())
        for _ in range(60)
    )
    firms = {_plain(fake.company()) for _ in range(120)}
    return _Country(
        code=code,
        dialling=dialling,
        first_names=tuple(fake.first_name() for _ in range(160)),
        last_names=tuple(fake.last_name() for _ in range(240)),
        places=places,
        streets=tuple(", ".join(fake.street_address().split("\n")) for _ in range(120)),
        domains=tuple(f"{firm}.example" for firm in sorted(firms)),
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
