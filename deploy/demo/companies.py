"""Fictitious companies for the demonstration data, each with a host in `.example`."""

from collections.abc import Iterator, Sequence
from random import Random

from google.type.decimal_pb2 import Decimal
from prospectconnect.crm.v1.companies_pb2 import Company

from deploy.demo.countries import Country, phone, pick_country, plain
from deploy.demo.draws import SEED, drawn_id, evenly, some
from services.clock import DAY, to_timestamp
from services.kinds.expressions.functions import rounded

# By how many people work in a company.
SEGMENTS = ("small", "medium", "enterprise")

# Industries, with words for the names of companies in them.
_INDUSTRIES = (
    ("Manufacturing", ("Tools", "Machinery", "Components", "Plastics")),
    ("Software", ("Software", "Systems", "Digital", "Cloud")),
    ("Logistics", ("Logistics", "Freight", "Shipping")),
    ("Retail", ("Stores", "Trading", "Outfitters")),
    ("Construction", ("Construction", "Building", "Roofing")),
    ("Healthcare", ("Medical", "Care", "Dental")),
    ("Financial services", ("Capital", "Finance", "Insurance")),
    ("Energy", ("Energy", "Solar", "Power")),
    ("Consulting", ("Consulting", "Advisory", "Engineering")),
    ("Hospitality", ("Hotels", "Catering", "Travel")),
    ("Food and beverage", ("Foods", "Bakeries", "Coffee")),
    ("Media", ("Media", "Studios", "Publishing")),
    ("Education", ("Learning", "Academy")),
)
_DESCRIPTIONS = (
    "{industry} firm from {city}. Family-owned, decides quickly, pays on time.",
    "Runs several sites around {city}. Purchasing is central, IT reports to finance.",
    "Grew fast in the last years and is replacing its spreadsheets.",
    "Came to us at a trade fair. Uses a competitor's product in one department.",
    "Sells to small customers all over the country; support is in-house.",
    "Part of a larger group. Contracts above 50,000 need a signature of the parent.",
)
_TAGS = ("key account", "partner", "reseller", "public sector", "expansion", "at risk")
_HEAD_START = 30 * DAY  # the first company precedes the first contact by this


def companies(
    count: int, owners: Sequence[str], ends_at: int, seed: int = SEED
) -> Iterator[Company]:
    """Makes companies, the oldest first; no two have the same domain.

    `owners` are the ids of the users who own them; some have no owner.
    """
    random = Random(f"companies {seed}")  # noqa: S311 -- not a secret
    taken: set[str] = set()
    for number in range(count):
        created = evenly(number, count, ends_at - _HEAD_START)
        company = _company(random, created, owners, taken)
        if number % 3:  # the others were not in the system before
            company.external_ids["legacy_erp"] = f"C-{100_000 + number}"
        yield company


def _company(
    random: Random, created: int, owners: Sequence[str], taken: set[str]
) -> Company:
    country = pick_country(random)
    industry, trades = random.choice(_INDUSTRIES)
    name, domain = _name(random, country, trades)
    while domain in taken:
        name, domain = _name(random, country, trades)
    taken.add(domain)
    employees = max(1, round(random.lognormvariate(4.2, 1.3)))
    company = Company(
        id=drawn_id(random, "cmp_", created),
        name=name,
        domain=domain,
        website=f"https://www.{domain}",
        industry=industry,
        employee_count=employees,
        tags=some(random, _TAGS, (0, 0, 1, 1, 2)),
        country=country.code,
        created_at=to_timestamp(created),
        updated_at=to_timestamp(created),
    )
    if owners and random.random() < 0.95:
        company.owner_id = company.created_by = random.choice(owners)
    _fill(random, company, country)
    return company


def _fill(random: Random, company: Company, country: Country) -> None:
    """Sets the fields that only some companies have, and the address."""
    place = random.choice(country.places)
    company.city, company.postal_code = place.city, place.postal_code
    if place.state is not None:
        company.state = place.state
    if random.random() < 0.8:
        company.address1 = random.choice(country.streets)
    if random.random() < 0.8:
        company.phone = phone(random, country)
    if random.random() < 0.7:
        by_head = random.lognormvariate(12, 0.4)
        revenue = round(company.employee_count * by_head, -3)
        company.annual_revenue.CopyFrom(Decimal(value=f"{revenue:.0f}"))
        company.custom_fields["credit_limit"] = round(revenue / 50, -3)
    if random.random() < 0.5:
        text = random.choice(_DESCRIPTIONS)
        company.description = text.format(industry=company.industry, city=place.city)
    if random.random() < 0.6:
        company.custom_fields["segment"] = _segment(company.employee_count)
    if random.random() < 0.3:
        locations = random.randrange(2, 12)
        company.custom_fields["locations"] = locations
        # As the formula of `definitions.py` computes it.
        people = rounded(company.employee_count / locations, 1)
        company.custom_fields["people_per_location"] = people


def _segment(employees: int) -> str:
    return SEGMENTS[(employees >= 50) + (employees >= 500)]


def _name(random: Random, country: Country, trades: Sequence[str]) -> tuple[str, str]:
    """Draws a company's name and domain."""
    founder, partner = random.choices(country.last_names, k=2)
    form = random.choice(country.company_forms)
    names = (founder, f"{founder} {random.choice(trades)}", f"{founder} & {partner}")
    name = random.choices(names, weights=(1, 4, 2))[0]
    return f"{name} {form}", f"{plain(name)}.example"
