"""What a merge does to the model of a tenant, and what undoing it gives back."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.end_to_end.whole_life.model import Model, RefusedError
from tests.end_to_end.whole_life.records import (
    ENDS,
    FIELDS,
    KEYED,
    Record,
    Values,
    links_of,
)


@dataclass(slots=True)
class Merge:
    """A merge: the survivor before and after it, and what it moved, with from where."""

    survivor: str
    merged: Sequence[str]
    was: Values
    now: Values
    moved: list[tuple[str, str, str]]
    at: int
    is_undone: bool = False
    placed: tuple[int, int] = (0, 0)


# What comes from a record together with a field.
_WITH = {"value": ("currency",), "stage_id": ("lost_reason",)}


def _joins(path: str) -> list[str]:
    """The fields that a merge joins, own values one by one."""
    derived = {"contacts": ("name",), "deals": ("currency", "status", "lost_reason")}
    left_out = {"merged_ids", *derived.get(path, ())}
    return [each for each in FIELDS[path] if each not in left_out]


def merge(
    model: Model, name: str, survivor: str, others: Sequence[str], values: Values
) -> Merge:
    """Merges living records into one of them; `name` is that of the merge."""
    record = model.records[survivor]
    was, placed = deepcopy(record.values), record.placed
    found = [model.records[each] for each in others]
    for field in _joins(record.path):
        _take(record, field, found, model.records.get(values.get(field, "")))
    record.derive()
    for label, each in zip(others, found, strict=True):
        record.values["merged_ids"] += [label, *each.values["merged_ids"]]
        each.lives, each.into, each.events = False, survivor, each.events + 1
    made = Merge(survivor, others, was, deepcopy(record.values), [], model.clock)
    made.placed = placed, record.placed
    _end_doubles(model, name, made)
    for key, each in model.records.items():
        ends = [(end, each.get(end)) for end in ENDS if each.path == "associations"]
        for field, led in (*each.links(), *ends):
            if each.lives and led in others:
                each.put(field, survivor)
                made.moved.append((key, field, led))
    return made


def _take(
    record: Record, field: str, others: list[Record], chosen: Record | None
) -> None:
    records = [record, *others]
    if field in KEYED:
        for each in others:
            for key, value in each.values[field].items():
                if key not in record.values[field]:
                    record.put(f"{field}.{key}", value)
    elif chosen is None and field == "tags":
        tags = [tag for each in records for tag in each.get(field)]
        record.put(field, list(dict.fromkeys(tags)))
    else:
        first = (each for each in records if each.get(field) is not None)
        source = chosen or next(first, record)
        for name in (field, *_WITH.get(field, ())):
            record.put(name, deepcopy(source.get(name)))
        record.placed = source.placed if field == "stage_id" else record.placed


def _end_doubles(model: Model, name: str, made: Merge) -> None:
    """Of associations that become the same, the survivor's stays, else the first's."""
    order = [made.survivor, *made.merged]
    near: list[tuple[int, Record]] = []
    for key in model.living("associations"):
        each = model.records[key]
        ends = [each.get(end) for end in ENDS]
        near += [(order.index(end), each) for end in ends if end in order]
    kept = set()
    for _, each in sorted(near, key=lambda pair: pair[0]):
        ends = [made.survivor if each.get(e) in order else each.get(e) for e in ENDS]
        what = each.get("type"), *ends
        if what in kept:
            model.end(each)
            each.ended = name
        kept.add(what)


def unmerged(
    model: Model, merges: Mapping[str, Merge], name: str
) -> tuple[tuple[Model, dict[str, Merge]], int]:
    """Undoes a merge in a copy of the model. Returns the copies, and the status."""
    after, known = deepcopy(model), deepcopy(dict(merges))
    try:
        _unmerge(after, name, known[name])
        for each in known.values():
            _found_without(each, known[name])
    except RefusedError as error:
        return (model, dict(merges)), error.status
    return (after, known), 200


def _unmerge(model: Model, name: str, made: Merge) -> None:
    """Undoes a merge, as far as nobody has changed what it did."""
    survivor = model.one(made.survivor)
    _give_back(model, survivor, made)
    led = {e for each in made.merged for e in (each, *_merged(model, each))}
    left = [each for each in survivor.values["merged_ids"] if each not in led]
    survivor.values["merged_ids"] = left
    for label in made.merged:
        model.records[label].into = None
    for label in made.merged:
        model.records[label] = model.again(model.records[label])
    written = sorted({made.survivor, *made.merged})
    model.refuse_taken([model.records[each] for each in written], written)
    made.is_undone = True
    for key, field, led_from in made.moved:
        each = model.records[key]
        is_unchanged = each.led_at.get(field, -1) < made.at
        if each.lives and each.get(field) == made.survivor and is_unchanged:
            each.put(field, led_from)
    _return_restored(model, made)
    for key, each in model.records.items():
        if each.ended == name:
            model.revive(key)


def _found_without(later: Merge, undone: Merge) -> None:
    """Takes what an undone merge had lent out of what a later one had found."""
    if later.survivor != undone.survivor or later.at <= undone.at or later.is_undone:
        return
    for field, found in later.was.items():
        was, now = undone.was[field], undone.now[field]
        if field in KEYED or field == "merged_ids" or found == later.now[field]:
            continue
        if found == now:
            later.was[field] = was
        elif field == "tags":
            added = [e for e in now if e not in was]
            later.was[field] = [e for e in found if e not in added]


def _return_restored(model: Model, made: Merge) -> None:
    """Leads back what was restored since the merge, to a record that is back."""
    for each in model.records.values():
        for field, led_from in each.led_from.items():
            back = model.survivor(led_from)
            if each.lives and each.get(field) == made.survivor and back in made.merged:
                each.put(field, back)


def _merged(model: Model, label: str) -> list[str]:
    found: list[str] = model.records[label].values["merged_ids"]
    return found


def _give_back(model: Model, survivor: Record, made: Merge) -> None:
    was, now = made.was, made.now
    for field in _joins(survivor.path):
        if field in KEYED:
            for key, value in now[field].items():
                if key not in was[field]:
                    _return(model, survivor, f"{field}.{key}", (None, value))
        elif field == "tags" and survivor.get(field) != now[field]:
            added = [e for e in now[field] if e not in was[field]]
            kept = [e for e in survivor.get(field) if e not in added]
            taken = [e for e in was[field] if e not in now[field] and e not in kept]
            survivor.put(field, kept + taken)
        elif field == "value":
            _return_whole(survivor, ("value", "currency"), (was, now))
        elif field == "stage_id":
            _return_stage(survivor, made)
        elif was[field] != now[field]:
            _return(model, survivor, field, (was[field], now[field]))
    survivor.derive()


def _return_whole(
    survivor: Record, names: Sequence[str], values: tuple[Values, Values]
) -> None:
    """Gives fields back that all are what the merge left there."""
    was, now = values
    if all(survivor.get(name) == now[name] for name in names):
        for name in names:
            survivor.put(name, was[name])


def _return_stage(survivor: Record, made: Merge) -> None:
    """Gives a stage back in which the deal is still by the merge, with its reason."""
    (was, now), (before, after) = (made.was, made.now), made.placed
    if before == after or survivor.placed != after:
        return
    stays = was["status"] == now["status"] or now["status"] != "lost"
    if not stays or survivor.get("lost_reason") == now["lost_reason"]:
        survivor.put("lost_reason", was["lost_reason"])
    survivor.put("stage_id", was["stage_id"])
    survivor.placed = before


def _return(
    model: Model, survivor: Record, field: str, values: tuple[Any, Any]
) -> None:
    """Gives a value back if it is what the merge left there."""
    was, now = values
    if field in links_of(survivor.path):
        now = model.survivor(now)
    if survivor.get(field) == now:
        survivor.put(field, was)
