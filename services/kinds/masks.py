"""Field masks: finds the fields that an update writes, and writes them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from services.kinds.record_type import STRUCTS, RecordType

# More paths than any record has fields, with the keys of its structs.
MOST_PATHS = 5_000


def written_paths(
    kind: RecordType, request: Any, *, creates: bool = False
) -> Sequence[str]:
    """Returns the paths of the request's mask; without a mask, every field that is set.

    Without a mask, fields that no update writes are left out, so that a client may send
    back what it has read (AIP-203). A struct (`custom_fields`, `metadata`) is merged
    key by key.
    """
    if request.update_mask.paths:
        return list(dict.fromkeys(request.update_mask.paths))
    record = getattr(request, kind.resource)
    paths: list[str] = []
    for item, value in record.ListFields():
        known = kind.by_name.get(item.name)
        if known is None or known.read_only or known.immutable:
            continue
        if known.policy.changed_by and not creates:
            continue
        if known.type in STRUCTS:
            paths += [f"{item.name}.{key}" for key in value.fields]
        else:
            paths.append(item.name)
    return paths


def written_names(kind: RecordType, request: Any) -> frozenset[str]:
    """Returns the fields that an update would write, even if it will be refused.

    A refused request may have any number of paths; only `MOST_PATHS` are read.
    """
    if request.update_mask.paths:
        paths = request.update_mask.paths[:MOST_PATHS]
        return frozenset(path.partition(".")[0] for path in paths)
    record = getattr(request, kind.resource)
    return frozenset(item.name for item, _ in record.ListFields())


def writer(kind: RecordType, request: Any) -> Callable[[Any], None]:
    """Returns the function that applies an update request to a record."""
    paths = written_paths(kind, request)
    return partial(write, source=getattr(request, kind.resource), paths=paths)


def write(target: Any, source: Any, paths: Sequence[str]) -> None:
    """Copies the fields in `paths`. A field that `source` lacks is cleared."""
    for path in paths:
        name, dot, key = path.partition(".")
        if dot:
            _write_key(getattr(target, name).fields, getattr(source, name).fields, key)
            continue
        target.ClearField(name)
        item = target.DESCRIPTOR.fields_by_name[name]
        value = getattr(source, name)
        if item.is_repeated:
            getattr(target, name).extend(value)
        elif item.message_type is not None:
            if source.HasField(name):
                getattr(target, name).CopyFrom(value)
        elif not item.has_presence or source.HasField(name):
            setattr(target, name, value)


def _write_key(target: Any, source: Any, key: str) -> None:
    if key in source and not source[key].HasField("null_value"):
        target[key].CopyFrom(source[key])
    else:
        target.pop(key, None)
