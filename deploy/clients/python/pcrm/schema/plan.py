"""Compares two schemas: the steps that make a tenant like a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pcrm.exits import wrong_use
from pcrm.printing import compact
from pcrm.schema.shape import FIXED, Item, Part, Schema

Verb = Literal["create", "update", "change", "delete"]
_SIGNS: Mapping[Verb, str] = {
    "create": "+",
    "update": "~",
    "change": "~",
    "delete": "-",
}
STYLES: Mapping[Verb, str] = {
    "create": "32",
    "update": "33",
    "change": "33",
    "delete": "31",
}
# An object before its fields and its associations; away it goes after them.
_ORDER: Mapping[Part, int] = {"object": 0, "field": 1, "association_type": 2}
_CONVERTED = ("type", "options")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan.

    Attributes:
        verb: `change` converts the values of records, too.
        before: What is there; None for a create.
        after: What is wanted; None for a delete.
        names: The values that differ.
    """

    verb: Verb
    before: Item | None
    after: Item | None
    names: Sequence[str] = ()

    @property
    def item(self) -> Item:
        """What it is about."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of them is there
        return found

    def told(self) -> str:
        """The step in words, with the values that differ."""
        what = f"{self.item.part.replace('_', ' ')} {self.item.name}"
        lines = [f"{_SIGNS[self.verb]} {self.verb} {what}"]
        if self.before and self.after:
            lines += [
                f"    {name}: {compact(self.before.values[name])}"
                f" -> {compact(self.after.values[name])}"
                for name in self.names
            ]
        return "\n".join(lines)


def plan(live: Schema, wanted: Schema) -> list[Step]:
    """The steps in the order in which they can be done. Raises CommandFailed."""
    steps = list(_steps(live, wanted))
    made = [each for each in steps if each.verb != "delete"]
    gone = [each for each in steps if each.verb == "delete"]
    made.sort(key=lambda each: (_ORDER[each.item.part], _is_formula(each)))
    gone.sort(key=lambda each: (-_ORDER[each.item.part], not _is_formula(each)))
    return [*gone, *made]


def summary(steps: Sequence[Step]) -> str:
    """How many steps of each kind there are."""
    counts = {
        "to create": sum(each.verb == "create" for each in steps),
        "to change": sum(each.verb in {"update", "change"} for each in steps),
        "to delete": sum(each.verb == "delete" for each in steps),
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def body_of(step: Step) -> dict[str, Any]:
    """The values of a step as the API takes them."""
    values = step.item.values
    if step.verb == "create":
        return {
            name: value for name, value in values.items() if value not in (None, [])
        }
    names = step.names
    if step.verb == "change":
        names = [name for name in names if name in _CONVERTED]
        if "default_value" in step.names:
            names = [*names, "default_value"]
    return {name: values[name] for name in names}


def _is_formula(step: Step) -> bool:
    """Whether it is a formula, which names other fields."""
    return step.item.values.get("type") == "formula"


def _steps(live: Schema, wanted: Schema) -> Iterator[Step]:
    for key, after in wanted.items():
        before = live.get(key)
        if before is None:
            yield Step("create", None, after)
        else:
            yield from _changes(before, after)
    for key, before in live.items():
        if (
            key not in wanted
            and not before.built_in
            and not _goes_along(before, wanted)
        ):
            yield Step("delete", before, None)


def _goes_along(item: Item, wanted: Schema) -> bool:
    """Whether it is a field of an own object that goes as a whole."""
    slug = item.name.partition(".")[0]
    return item.part == "field" and ("object", slug) not in wanted


def _changes(before: Item, after: Item) -> Iterator[Step]:
    names = [
        name
        for name, value in after.values.items()
        if not _same(value, before.values.get(name))
    ]
    if fixed := [name for name in names if name in FIXED[after.part]]:
        raise wrong_use(
            f"{after.part} {after.name}: {', '.join(fixed)} cannot be changed.",
            "another key, and --allow-delete for the old one",
        )
    converts = after.part == "field" and "type" in names
    rest = [
        name
        for name in names
        if not (converts and name in (*_CONVERTED, "default_value"))
    ]
    if converts:
        yield Step(
            "change", before, after, [name for name in names if name not in rest]
        )
    if rest:
        yield Step("update", before, after, rest)


def _same(wanted: Any, found: Any) -> bool:
    """Whether two values are the same: 3 is 3.0, but 1 is not true."""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    return bool(wanted == found)
