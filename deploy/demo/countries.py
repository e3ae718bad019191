"""The countries of the demonstration data, with their names, places and streets.

Faker makes small pools of names, places and streets for each country, the same on
every machine. People and companies are drawn from these pools, so that a million of
them takes only seconds.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from faker import Faker

from deploy.demo.draws import SEED

# Locale, country, the beginning of its telephone numbers, its currency, its most usual
# time zone, and its share.
_COUNTRIES = (
    ("en_US", "US", "+1 ", "USD", "America/New_York", 24),
    ("de_DE", "DE", "+49 ", "EUR", "Europe/Berlin", 16),
    ("en_GB", "GB", "+44 ", "GBP", "Europe/London", 12),
    ("fr_FR", "FR", "+33 ", "EUR", "Europe/Paris", 12),
    ("es_ES", "ES", "+34 ", "EUR", "Europe/Madrid", 8),
    ("it_IT", "IT", "+39 ", "EUR", "Europe/Rome", 7),
    ("nl_NL", "NL", "+31 ", "EUR", "Europe/Amsterdam", 6),
    ("pl_PL", "PL", "+48 ", "PLN", "Europe/Warsaw", 5),
    ("pt_BR", "BR", "+55 ", "BRL", "America/Sao_Paulo", 5),
    ("sv_SE", "SE", "+46 ", "SEK", "Europe/Stockholm", 5),
)
_SHARES = tuple(accumulate(share for *_, share in _COUNTRIES))
_SPECIAL_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "ð": "d"})


@dataclass(frozen=True, slots=True)
class Place:
    """A city with one of its postal codes, and its state in countries that use them."""

    city: str
    state: str | None
    postal_code: str


@dataclass(frozen=True, slots=True)
class Country:
    """A country's pools. `code` is of ISO 3166-1, `currency` of ISO 4217."""

    code: str
    dialling: str
    currency: str
    time_zone: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    company_forms: tuple[str, ...]
    places: tuple[Place, ...]
    streets: tuple[str, ...]


def pick_country(random: Random) -> Country:
    """Draws a country with a probability equal to its share."""
    return random.choices(_countries(), cum_weights=_SHARES)[0]


def currency_of(code: str) -> str:
    """The currency of a country by its code."""
    return next(each.currency for each in _countries() if each.code == code)


def phone(random: Random, country: Country) -> str:
    """Makes a telephone number."""
    area, line = random.randrange(20, 999), random.randrange(10**6, 10**7)
    return f"{country.dialling}{area} {line}"


def plain(text: str) -> str:
    """Writes a name in characters of a host name: `Ana María` becomes `ana-maria`."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_SPECIAL_LETTERS))
    letters = decomposed.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-") or "x"


@cache
def _countries() -> tuple[Country, ...]:
    return tuple(_make(*country) for *country, _ in _COUNTRIES)


def _make(
    locale: str, code: str, dialling: str, currency: str, time_zone: str
) -> Country:
    fake = Faker(locale)
    fake.seed_instance(SEED)
    has_states = code in ("US", "BR")
    places = tuple(
        Place(fake.city(), fake.state_abbr() if has_states else None, fake.postcode())
        for _ in range(60)
    )
    return Country(
        code=code,
        dialling=dialling,
        currency=currency,
        time_zone=time_zone,
        first_names=tuple(fake.first_name() for _ in range(160)),
        last_names=tuple(fake.last_name() for _ in range(240)),
        company_forms=tuple(fake.company_suffix() for _ in range(20)),
        places=places,
        streets=tuple(", ".join(fake.street_address().split("\n")) for _ in range(120)),
    )
