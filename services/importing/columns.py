"""Which field each column gives: as the import says, or by names and labels."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.importing.values import Convert, Parse, converter
from services.imports.locales import LOCALES, PLAIN
from services.imports.paths import (
    CUSTOM,
    EXTERNAL,
    NAME,
    PIPELINE_NAME,
    STAGE_NAME,
    Fields,
    Path,
    paths_of,
    ways_to,
)
from services.kinds.matching import ID

_WORDS = re.compile(r"[^0-9a-z]+")
# Pipedrive writes the type of the record before each name, and "Work" after some.
_BEFORE, _AFTER = ("person_", "organization_", "deal_"), "_work"

# What other products call the fields of records, as far as no name says it.
_CALLED: Mapping[str, Sequence[str]] = {
    "email": ("e_mail", "email_address", "mail", "e_mail_address"),
    "phone": ("phone_number", "telephone", "tel", "mobile", "mobile_phone_number"),
    "first_name": ("firstname", "given_name", "vorname"),
    "last_name": ("lastname", "surname", "family_name", "nachname"),
    "job_title": ("jobtitle", "title", "position"),
    "address1": (
        *("address", "street", "street_address"),
        *("mailing_street", "mailingstreet"),
    ),
    "postal_code": (
        *("zip", "zip_code", "postcode", "postal", "postalcode", "plz"),
        *("mailing_zip_postal_code", "mailing_postal_code", "mailingpostalcode"),
    ),
    "city": ("town", "mailing_city", "mailingcity"),
    "state": (
        *("state_region", "region", "province"),
        *("mailing_state", "mailing_state_province", "mailingstate"),
    ),
    "country": (
        *("country_region", "country_code"),
        *("mailing_country", "mailingcountry"),
    ),
    "domain": ("company_domain_name", "website_domain"),
    "name": ("company_name", "account_name", "deal_name", "opportunity_name"),
    "value": ("amount", "deal_value", "close_value"),
    "expected_close_date": ("close_date", "expected_close"),
    "employee_count": ("number_of_employees", "employees"),
    "annual_revenue": ("revenue",),
    "lifecycle_stage": ("lifecyclestage",),
}

# What they call the moments of records.
_PAST_CALLED: Mapping[str, Sequence[str]] = {
    "created_at": (
        *("create_date", "createdate", "created_date", "createddate", "created_on"),
        *("created", "date_created", "add_time", "deal_created", "person_created"),
        "organization_created",
    ),
    "closed_at": ("closed_date", "closed_on", "won_time", "deal_closed_on"),
    "completed_at": ("completed_date", "completed_on", "marked_as_done_time"),
}
# Other products have one day for both: when a deal is to close, and when it closed.
_ALSO: Mapping[str, str] = {"expected_close_date": "closed_at"}
_OF_COMPANIES = frozenset(("company_name", "account_name"))
_STAGES: Mapping[str, Sequence[str]] = {
    STAGE_NAME: ("stage_name", "stage", "stagename", "deal_stage", "dealstage"),
    PIPELINE_NAME: ("pipeline_name", "pipeline", "deal_pipeline"),
}


# What a column gives: one field, or a list of several.
Chosen = str | list[str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that gives a field: its place, the field, and how cells are read."""

    place: int
    path: Path
    convert: Convert


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table. `unmapped` are the names of those that give nothing."""

    columns: Sequence[Column]
    mapping: Mapping[str, Chosen]
    unmapped: Sequence[str]


def chosen(
    fields: Fields,
    names: Sequence[str],
    given: Mapping[str, Any] | None,
    labels: Mapping[str, str],
    match_on: str = "",
) -> Mapping[str, Chosen]:
    """The path for each column that gives a field: as given, or by its name.

    `labels` are the paths of the tenant's fields by their labels. A column `id` gives a
    field only where rows are matched by it.
    """
    if given is not None:
        return {name: path for name in names if (path := given.get(name))}
    found = dict[str, Chosen]()
    known = dict(_known(fields, labels))
    if match_on == ID:
        known[ID] = ID
    taken = set[str]()
    for name in names:
        path = known.get(plain(name)) or known.get(_bare(plain(name)))
        path = path or _as_written(fields, name.strip())
        if path and path not in taken:
            found[name] = path
            taken.add(path)
    for name, path in found.items():
        other = _ALSO.get(str(path))
        is_told = other in taken or not (other and _is_path(fields, other))
        if plain(name) in _CALLED["expected_close_date"] and not is_told:
            found[name] = [str(path), str(other)]
    return found


def _as_written(fields: Fields, name: str) -> str:
    return name if "." in name and isinstance(fields.read(name), Path) else ""


def _bare(name: str) -> str:
    """A name without what another product writes around it, "" if it writes nothing."""
    before = next((each for each in _BEFORE if name.startswith(each)), "")
    return name.removeprefix(before).removesuffix(_AFTER) if before else ""


def plain(name: str) -> str:
    """A name as names are compared."""
    return _WORDS.sub("_", name.strip().lower()).strip("_")


def _known(fields: Fields, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What columns may be called, with the paths. Later ones win."""
    writable = [name for name in fields.kind.by_name if _is_path(fields, name)]
    has_company = "company_id" in fields.kind.by_name
    for name in writable:
        others = (*_CALLED.get(name, ()), *_PAST_CALLED.get(name, ()))
        for other in others:
            if not (has_company and other in _OF_COMPANIES):
                yield other, name
    for label, path in labels.items():
        yield plain(label), path
    for key in fields.own.by_key:
        if _is_path(fields, f"{CUSTOM}.{key}"):
            yield plain(key), f"{CUSTOM}.{key}"
    yield from _links(fields)
    yield from ((name, name) for name in writable if name != ID)


def _links(fields: Fields) -> Iterator[tuple[str, str]]:
    """Columns that name linked records. A name alone may name several, or none."""
    for path, others in _STAGES.items():
        if _is_path(fields, path):
            yield from ((other, path) for other in others)
    for name, field in fields.kind.by_name.items():
        target = fields.kinds.get(field.references)
        if target is not None and name.endswith("_id"):
            for way in (each for each in ways_to(target) if each != NAME):
                path = f"{name.removesuffix('_id')}.{way}"
                if _is_path(fields, path):
                    yield plain(path), path


def _is_path(fields: Fields, text: str) -> bool:
    return isinstance(fields.read(text), Path)


def columns_of(
    fields: Fields,
    names: Sequence[str],
    mapping: Mapping[str, Chosen],
    locale: str,
    parse: Parse,
) -> Columns:
    """The columns of a header by a mapping. Paths that are gone give nothing."""
    spelling = LOCALES.get(locale, PLAIN)
    columns, unmapped = list[Column](), list[str]()
    for place, name in enumerate(names):
        paths = [fields.read(each) for each in paths_of(mapping.get(name)) or ()]
        known = [each for each in paths if isinstance(each, Path)]
        columns += [
            Column(place, each, converter(each, spelling, parse)) for each in known
        ]
        if name and not known:
            unmapped.append(name)
    return Columns(columns, mapping, unmapped)


def body_of(
    columns: Iterable[Column],
    cells: Sequence[str],
    defaults: Mapping[str, Any],
    *,
    clears: bool,
) -> tuple[dict[str, Any], dict[str, str]]:
    """The body of a row's request, and the values of its links, by their paths."""
    body: dict[str, Any] = {}
    links: dict[str, str] = {}
    for each in columns:
        cell, path = cells[each.place], each.path
        if not cell or cell.isspace():
            if clears and not path.is_whole:
                put(body, path, None)
            continue
        if path.target is not None:
            links[path.text] = each.convert(cell)
        else:
            put(body, path, each.convert(cell))
    for text, value in defaults.items():
        holder, _, key = text.partition(".")
        if holder not in (CUSTOM, EXTERNAL):
            if key:
                links.setdefault(text, str(value))
            elif body.get(holder) is None:
                body[holder] = value
        elif type(body.setdefault(holder, {})) is dict and (
            body[holder].get(key) is None
        ):
            body[holder][key] = value
    return body, links


def put(body: dict[str, Any], path: Path, value: Any) -> None:
    """Sets a field of a body by its path.

    A column of a whole struct adds keys to those that have columns of their own.
    """
    name = path.holder.name
    held = body.get(name)
    if path.is_whole and isinstance(value, dict):
        body[name] = value | (held or {})
    elif path.target is not None or not path.key:
        if path.target is None or name not in body:
            body[name] = value
    elif held is None:
        body[name] = {path.key: value}
    elif isinstance(held, dict):
        held[path.key] = value
