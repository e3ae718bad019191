"""Which field each column gives: as the import says, or by names and labels."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.importing.names import (
    CLOSE_DATES,
    CURRENCY,
    EITHER,
    NAMES_OF_PEOPLE,
    bare,
    is_currency,
    is_path,
    is_whole_name,
    known_names,
    part_of_address,
    plain,
    spelt,
)
from services.importing.values import Convert, Parse, converter, part_of_name
from services.imports.locales import LOCALES, PLAIN
from services.imports.paths import CUSTOM, EXTERNAL, STATUS, Fields, Path, paths_of
from services.kinds.matching import ID

# Other products have one day for both: when a deal is to close, and when it closed.
_CLOSES, _CLOSED = "expected_close_date", "closed_at"

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
    known = dict(known_names(fields, labels))
    known.pop("", None)  # a label without a letter is like no column
    if match_on == ID:
        known[ID] = ID
    taken = set[str]()
    for name, path in _candidates(fields, names, known):
        # A deal is either won or lost: the columns of both moments give one field.
        is_either = path == _CLOSED and _either(fields, name) and _CLOSED in taken
        of_either = [e for e, its in found.items() if its == _CLOSED]
        is_either = is_either and all(_either(fields, e) for e in of_either)
        if name not in found and (path not in taken or is_either):
            found[name] = path
            taken.add(path)
    _add_others(fields, names, found, taken)
    # Exports have names beside ids: the id says it without a doubt.
    beside = {f"{each.removesuffix('_id')}.name" for each in taken}
    return {n: p for n, p in found.items() if isinstance(p, list) or p not in beside}


def _candidates(
    fields: Fields, names: Sequence[str], known: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Columns with fields that they may give: the surest ones first."""
    ways = (
        lambda name: known.get(plain(name)),
        lambda name: name.strip() if _is_written(fields, name.strip()) else None,
        lambda name: known.get(spelt(name)),
        lambda name: known.get(bare(fields, spelt(name))),
        lambda name: part_of_address(fields, spelt(name)),
    )
    for way in ways:
        for name in names:
            if path := way(name):
                yield name, path


def _is_written(fields: Fields, name: str) -> bool:
    return "." in name and is_path(fields, name)


def _either(fields: Fields, name: str) -> bool:
    return (bare(fields, spelt(name)) or spelt(name)) in EITHER


def _add_others(
    fields: Fields, names: Sequence[str], found: dict[str, Chosen], taken: set[str]
) -> None:
    """Adds what only a file as a whole tells: currencies, whole names, two days."""
    others = [each for each in names if each and each not in found]
    takes_currency = CURRENCY in fields.kind.by_name and CURRENCY not in taken
    if takes_currency and (name := next(filter(is_currency, others), "")):
        found[name] = CURRENCY
    takes_names = all(is_path(fields, each) for each in NAMES_OF_PEOPLE)
    takes_names = takes_names and not taken.intersection(NAMES_OF_PEOPLE)
    whole = (each for each in others if is_whole_name(fields, each))
    if takes_names and (name := next(whole, "")):
        found[name] = list(NAMES_OF_PEOPLE)
    if _CLOSED not in taken and is_path(fields, _CLOSED):
        for name, path in list(found.items()):
            its = {plain(name), spelt(name), bare(fields, spelt(name))}
            if path == _CLOSES and its.intersection(CLOSE_DATES):
                found[name] = [_CLOSES, _CLOSED]


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
        is_whole = {each.text for each in known} == set(NAMES_OF_PEOPLE)
        columns += [
            Column(
                place,
                each,
                partial(part_of_name, is_first=each.text == NAMES_OF_PEOPLE[0])
                if is_whole
                else converter(each, spelling, parse),
            )
            for each in known
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
    twice: list[str] | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """The body of a row's request, and the values of its links, by their paths.

    The fields that two of the row's cells give differently are added to `twice`.
    """
    body: dict[str, Any] = {}
    links: dict[str, str] = {}
    told: dict[str, str] = {}
    for each in columns:
        cell, path = cells[each.place], each.path
        if not cell or cell.isspace():
            if clears and not path.is_whole and path.text not in (*told, STATUS):
                put(body, path, None)
            continue
        if told.setdefault(path.text, cell) != cell:
            if twice is not None:
                twice.append(path.text)
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
