"""Reads and writes schema files, which are YAML."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from pcrm.exits import wrong_use
from pcrm.schema.shape import (
    USUAL,
    Item,
    Part,
    Schema,
    complete,
    schema_of,
    short,
)

HEAD = "# The schema of a tenant. Change it and run: pcrm schema push FILE\n"
_TOP = {"objects", "association_types"}
_REQUIRED = {
    "field": ("type", "label"),
    "association_type": ("from_object", "to_object", "label", "inverse_label"),
}
_LARGEST = 4 * 1024 * 1024
_OWN_OBJECT = ("singular_label", "plural_label")


class _Loader(yaml.SafeLoader):
    """Reads dates as the texts that they are in JSON, too.

    Aliases are refused: a few of them can stand for billions of values.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """The next node. Raises YAMLError for an alias."""
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # of PyYAML
            raise yaml.composer.ComposerError(None, None, "it has an alias", mark)
        return super().compose_node(parent, index)


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return loader.construct_scalar(node)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)


def written(schema: Schema) -> str:
    """A schema as the text of a file. The same schema gives the same text."""
    objects: dict[str, Any] = {}
    kinds: dict[str, Any] = {}
    for item in sorted(schema.values(), key=lambda each: (each.part, each.name)):
        told = dict(short(item.part, item.values))
        if item.part == "association_type":
            kinds[item.name] = told
        elif item.part == "field":
            slug, _, key = item.name.partition(".")
            objects.setdefault(slug, {}).setdefault("fields", {})[key] = told
        else:
            if item.built_in:  # its labels are the product's
                told = {name: each for name, each in told.items() if name == "open"}
            objects[item.name] = {**told, **objects.get(item.name, {})}
    shown = {slug: told for slug, told in objects.items() if told}
    document = {"objects": shown, "association_types": kinds}
    return HEAD + yaml.safe_dump(
        document, sort_keys=False, allow_unicode=True, width=100
    )


def read_file(text: str, live: Schema) -> Schema:
    """The schema of a file. Raises CommandFailed.

    A built-in object that the file leaves out, or says nothing of, stays as it is.
    """
    if len(text) > _LARGEST:
        raise wrong_use("The schema file is too large.")
    try:
        told = yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a safe one
    except (yaml.YAMLError, RecursionError) as error:
        raise wrong_use(f"The schema file is not YAML: {error}") from error
    document = _mapping(told, "The schema file")
    if "fields" in document:
        hint = "objects: {contacts: {fields: {seats: {type: integer, label: Seats}}}}"
        raise wrong_use("In a schema file fields stand inside of their object.", hint)
    _check_names(document, _TOP, "The schema file")
    return schema_of(_items(document, live))


def _items(document: Mapping[str, Any], live: Schema) -> Iterator[Item]:
    objects = _mapping(document.get("objects"), "objects")
    for slug, told in objects.items():
        yield from _object(str(slug), _mapping(told, f"objects.{slug}"), live)
    for item in live.values():
        if item.built_in and item.name not in objects:
            yield item
    kinds = _mapping(document.get("association_types"), "association_types")
    for key, told in kinds.items():
        where = f"association_types.{key}"
        yield _item("association_type", str(key), _mapping(told, where), where)


def _object(slug: str, told: Mapping[str, Any], live: Schema) -> Iterator[Item]:
    where = f"objects.{slug}"
    own = {name: each for name, each in told.items() if name != "fields"}
    known = live.get(("object", slug))
    if known is not None and known.built_in:
        _check_names(own, {"open"}, where)
        values = {**known.values, "open": own.get("open", True)}
        yield Item("object", slug, values, known.id, built_in=True)
    else:
        _check_required(own, _OWN_OBJECT, where)
        yield _item("object", slug, own, where)
    for key, each in _mapping(told.get("fields"), f"{where}.fields").items():
        place = f"{where}.fields.{key}"
        yield _item("field", f"{slug}.{key}", _mapping(each, place), place)


def _item(part: Part, name: str, told: Mapping[str, Any], where: str) -> Item:
    _check_names(told, USUAL[part].keys(), where)
    _check_required(told, _REQUIRED.get(part, ()), where)
    options = told.get("options") or []
    if not isinstance(options, list) or not all(
        isinstance(each, dict) and "value" in each for each in options
    ):
        raise wrong_use(f"{where}.options is not a list of value and label.")
    return Item(part, name, complete(part, told))


def _mapping(told: Any, where: str) -> Mapping[str, Any]:
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise wrong_use(f"{where} is not a mapping of names to values.")
    return told


def _check_names(told: Mapping[str, Any], known: Any, where: str) -> None:
    strange = [str(name) for name in told if name not in known]
    if strange:
        hint = f"one of: {', '.join(sorted(known))}"
        raise wrong_use(f"{where} has no {', '.join(strange)}.", hint)


def _check_required(told: Mapping[str, Any], names: Any, where: str) -> None:
    missing = [name for name in names if told.get(name) is None]
    if missing:
        raise wrong_use(f"{where} lacks {', '.join(missing)}.")
