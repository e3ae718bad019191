"""What columns may be called: as fields are, or as `called.py` has them.

Names are compared without regard to case, accents and punctuation, and word by word
where they are written as one: `CloseDate` is `close_date`, `Straße` is `strasse`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from services.importing.called import (
    CALLED,
    OF_COMPANIES,
    PAST_CALLED,
    WHOLE_NAMES,
)
from services.imports.paths import (
    CUSTOM,
    NAME,
    PIPELINE_NAME,
    STAGE_NAME,
    Fields,
    Path,
    ways_to,
)
from services.kinds.matching import ID

_BETWEEN = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Pipedrive writes the type of the record before each name, and "Work" after some.
_BEFORE = {"contact": "person_", "company": "organization_", "deal": "deal_"}
_AFTER = "_work"
# Salesforce writes before the parts of an address where it is used.
_OF_ADDRESSES = ("billing_", "mailing_")
_ADDRESS = ("address1", "postal_code", "city", "state", "country")
CURRENCY = "currency"
# In names of amounts, not of their currencies: `Amount in company currency`.
_AMOUNTS = frozenset(("in", "rate", "symbol", "exchange", "conversion"))

CLOSE_DATES = CALLED["expected_close_date"]

# A deal has one of both, so both give one field.
EITHER = ("won_time", "lost_time")
_COMPANY_NAME = f"company.{NAME}"
_STAGES: Mapping[str, Sequence[str]] = {
    STAGE_NAME: (
        *("stage_name", "stage", "stagename", "deal_stage", "dealstage"),
        *("verkaufsphase", "phase", "etape", "etapa"),
    ),
    PIPELINE_NAME: ("pipeline_name", "pipeline", "deal_pipeline"),
}
NAMES_OF_PEOPLE = ("first_name", "last_name")


def plain(name: str) -> str:
    """A name as names are compared."""
    if not name.isascii():
        apart = unicodedata.normalize("NFKD", name.casefold())
        name = "".join(each for each in apart if not unicodedata.combining(each))
    return _BETWEEN.sub("_", name.strip().lower()).strip("_")


def spelt(name: str) -> str:
    """A name as names are compared, its words apart: `CloseDate` as `close_date`."""
    return plain(_CAMEL.sub("_", name.strip()))


def bare(fields: Fields, name: str) -> str:
    """A name without what another product writes around it, "" if it writes nothing."""
    before = _BEFORE.get(fields.kind.resource, "")
    if before and name.startswith(before):
        return name.removeprefix(before).removesuffix(_AFTER)
    return ""


def part_of_address(fields: Fields, name: str) -> str:
    """The field of an address by a name such as `billing_city`, "" for others."""
    before = next((each for each in _OF_ADDRESSES if name.startswith(each)), "")
    its = name.removeprefix(before)
    for path in _ADDRESS if before else ():
        if its in (path, *CALLED.get(path, ())) and is_path(fields, path):
            return path
    return ""


def is_currency(name: str) -> bool:
    """Whether a column seems to name currencies: `Amount Currency` does."""
    words = spelt(name).split("_")
    return CURRENCY in words and not _AMOUNTS.intersection(words)


def is_whole_name(fields: Fields, name: str) -> bool:
    """Whether a column has the whole names of people."""
    whole = spelt(name)
    return (bare(fields, whole) or whole) in WHOLE_NAMES


def known_names(fields: Fields, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What columns may be called, with the paths. Later ones win."""
    writable = [name for name in fields.kind.by_name if is_path(fields, name)]
    has_company = "company_id" in fields.kind.by_name
    for name in writable:
        others = (*CALLED.get(name, ()), *PAST_CALLED.get(name, ()))
        for other in others:
            if not (has_company and other in OF_COMPANIES):
                yield other, name
    if NAME in writable and "job_title" not in fields.kind.by_name:
        yield "title", NAME
    for label, path in labels.items():
        yield plain(label), path
    for key in fields.own.by_key:
        if is_path(fields, f"{CUSTOM}.{key}"):
            yield plain(key), f"{CUSTOM}.{key}"
    yield from _links(fields, labels)
    yield from ((name, name) for name in writable if name != ID)


def _links(fields: Fields, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Columns that name linked records: own fields of these names come first."""
    own = {plain(each) for each in (*labels, *fields.own.by_key)}
    if is_path(fields, _COMPANY_NAME):
        yield from ((each, _COMPANY_NAME) for each in OF_COMPANIES - own)
    for path, others in _STAGES.items():
        if is_path(fields, path):
            yield from ((other, path) for other in others)
    for name, field in fields.kind.by_name.items():
        target = fields.kinds.get(field.references)
        if target is not None and name.endswith("_id"):
            for way in ways_to(target):
                if way == NAME and target.resource != "user":
                    continue
                path = f"{name.removesuffix('_id')}.{way}"
                if is_path(fields, path):
                    yield plain(path), path


def is_path(fields: Fields, text: str) -> bool:
    """Whether a text names a field that a column may give."""
    return isinstance(fields.read(text), Path)
