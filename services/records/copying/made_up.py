"""Values that stand for personal ones: drawn from lists, by a seed and the record.

Each is SQL. The seed is the parameter $4; equal seeds draw equal values. Nothing leads
from a drawn value back to what it stands for: many originals share each of them.
"""

from collections.abc import Sequence

FIRST = (
    *("Alva", "Bela", "Cira", "Dorin", "Elva", "Fenja", "Gerwin", "Hanno", "Ilka"),
    *("Jorik", "Kaja", "Levin", "Mirja", "Nelio", "Odina", "Pelle", "Quirin", "Rika"),
    *("Silvan", "Tjark", "Ulani", "Vigo", "Wiebke", "Xaver", "Yuna", "Zoran"),
)
LAST = (
    *("Almquist", "Brandel", "Castorf", "Dalberg", "Eskelin", "Fairwind", "Grantham"),
    *("Holmgard", "Iversund", "Jarnvik", "Kestrel", "Lindqvist", "Marlow", "Norwood"),
    *("Oakhurst", "Pemberly", "Quillfeld", "Ravenhill", "Stonebrook", "Thornbury"),
    *("Underhay", "Valmont", "Westergren", "Yardley", "Zellwood"),
)
TITLES = (
    *("Head of Purchasing", "Sales Manager", "Engineer", "Consultant", "Team Lead"),
    *("Controller", "Product Manager", "Operations Manager", "Buyer", "Analyst"),
)
SOURCES = ("website", "referral", "event", "advertising", "partner", "newsletter")
TAGS = (
    *(
        "priority",
        "newsletter",
        "partner",
        "trade-fair",
        "pilot",
        "renewal",
        "region-a",
    ),
    *("region-b", "reference", "upsell", "callback", "webinar"),
)
STREETS = ("Harbour Road", "Mill Lane", "Station Street", "Garden Way", "Oak Avenue")
CITIES = ("Northhaven", "Eastbridge", "Southfield", "Westport", "Lakeside", "Hillcrest")
STATES = ("Northshire", "Eastmark", "Southland", "Westvale")
FIRMS = (
    *("Amber", "Birch", "Cobalt", "Dune", "Ember", "Fjord", "Granite", "Harvest"),
    *("Indigo", "Juniper", "Kelp", "Lumen", "Meridian", "Nimbus", "Orchard", "Prairie"),
)
TRADES = ("Works", "Systems", "Logistics", "Foods", "Energy", "Software", "Textiles")
INDUSTRIES = ("manufacturing", "software", "retail", "logistics", "energy", "health")
DEALS = (
    "Renewal",
    "First order",
    "Extension",
    "Pilot",
    "Framework contract",
    "Service",
)
TASKS = ("Call back", "Send the offer", "Prepare the visit", "Check the order", "Ask")
SUBJECTS = ("Follow-up", "Next steps", "Questions about the offer", "Appointment")
TEXTS = (
    "They would like to see the next steps before the end of the month.",
    "We went through the offer together. Most questions are answered.",
    "A second visit makes sense once the trial is over.",
    "They compare two offers and decide soon.",
)
REASONS = ("price", "timing", "competitor", "no budget")


def drawn(salt: str, of: str = "s.id") -> str:
    """SQL of a number from 0 to 2³¹ - 1, which depends on `of` and the salt."""
    return f"(hashtextextended({of} || ':{salt}', $4::bigint) & 2147483647)"


def one_of(choices: Sequence[str], salt: str, of: str = "s.id") -> str:
    """SQL of one of some texts. They hold no quotes."""
    listed = ", ".join(f"'{each}'" for each in choices)
    return f"(ARRAY[{listed}])[1 + ({drawn(salt, of)} % {len(choices)})::int]"


def if_set(column: str, value: str) -> str:
    """SQL of a value where the original has one."""
    return f"CASE WHEN {column} IS NOT NULL THEN {value} END"


def kept_equal(column: str, choices: Sequence[str]) -> str:
    """SQL of one of some texts: the same for equal originals."""
    return if_set(column, one_of(choices, column.rpartition(".")[2], column))


def digits(salt: str, length: int) -> str:
    """SQL of some drawn digits."""
    return f"lpad(({drawn(salt)} % {10**length})::text, {length}, '0')"


FIRST_NAME, LAST_NAME = one_of(FIRST, "first"), one_of(LAST, "last")
NAME = f"{FIRST_NAME} || ' ' || {LAST_NAME}"
# Reserved for examples: RFC 2606, and numbers that no network gives away.
EMAIL = (
    f"lower({FIRST_NAME} || '.' || {LAST_NAME}) || '.' ||"
    f" to_hex({drawn('mail')}) || to_hex({drawn('box')} % 256) || '@sandbox.example'"
)
PHONE = f"'+1 ' || (201 + {drawn('area')} % 700)::text || ' 555 01' || {digits('p', 2)}"
TAGS_DRAWN = (
    "(SELECT coalesce(array_agg(DISTINCT "
    + one_of(TAGS, "tag", "t.tag")
    + "), '{}') FROM unnest(s.tags) AS t (tag))"
)
FIRM = f"{one_of(FIRMS, 'firm')} || ' ' || {one_of(TRADES, 'trade')}"
ADDRESS = {
    "address1": if_set(
        "s.address1", f"{one_of(STREETS, 'street')} || ' ' || {digits('house', 2)}"
    ),
    "city": kept_equal("s.city", CITIES),
    "state": kept_equal("s.state", STATES),
    "postal_code": if_set("s.postal_code", digits("post", 5)),
    "country": "s.country",
}


def about(column: str) -> str:
    """SQL of an amount near the original, between half of it and one and a half."""
    return f"round({column} * (500 + {drawn(column)} % 1001) / 1000)"


def earlier(column: str) -> str:
    """SQL of a moment 1 hour to 25 days before the original.

    All moments of a record move by the same time, so that their order stays.
    """
    return (
        f"({column} - interval '1 hour' - interval '1 millisecond' * {drawn('at')}"
        f" - interval '1 microsecond' * ({drawn('tick')} % 1000))"
    )


def earlier_day(column: str) -> str:
    """SQL of a date 1 to 25 days before the original."""
    return f"({column} - 1 - ({drawn('day')} % 25)::int)"


def somebody(column: str) -> str:
    """SQL of the id of a user of the sandbox, $2, where the original has one."""
    name = column.rpartition(".")[2]
    users = """(SELECT array_agg(u.id ORDER BY u.id) FROM users AS u
  WHERE u.business_id = $2 AND u.active AND u.deleted_at IS NULL)"""
    return if_set(
        column,
        f"(SELECT a.ids[1 + ({drawn(name)} % cardinality(a.ids))::int]"
        f" FROM (SELECT {users} AS ids) AS a)",
    )
