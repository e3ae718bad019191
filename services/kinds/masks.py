"""Field masks: which fields of a record an update writes, and writing them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from services.kinds.record_type import Kind, RecordType

# No record has so many fields, with the keys of its structs.
MOST_PATHS = 5_000


def written_paths(kind: RecordType, request: Any) -> Sequence[str]:
    """The paths of the request's mask; without one, every field that is set.

    What an update cannot write is left out then, so that a client may send back what
    it has read (AIP-203), and a set struct (`custom_fields`, `metadata`) is merged
    key by key.
    """
    if request.update_mask.paths:
        return list(dict.fromkeys(request.update_mask.paths))
    record = getattr(request, kind.resource)
    paths: list[str] = []
    for item, value in record.ListFields():
        known = kind.by_name.get(item.name)
        if known is None or known.read_only or known.policy.changed_by:
            continue
        if known.kind in (Kind.CUSTOM, Kind.METADATA):
            paths += [f"{item.name}.{key}" for key in value.fields]
        else:
            paths.append(item.name)
    return paths


def written_names(kind: RecordType, request: Any) -> frozenset[str]:
    """The fields that an update may write, also of a request that is refused.

    A refused one may name any number of paths: no more are looked at than are taken.
    """
    if request.update_mask.paths:
        paths = request.update_mask.paths[:MOST_PATHS]
        return frozenset(path.partition(".")[0] for path in paths)
    record = getattr(request, kind.resource)
    return frozenset(item.name for item, _ in record.ListFields())


def writer(kind: RecordType, request: Any) -> Callable[[Any], None]:
    """The change that an update request makes to a record of a kind."""
    paths = written_paths(kind, request)
    return partial(write, source=getattr(request, kind.resource), paths=paths)


def write(target: Any, source: Any, paths: Sequence[str]) -> None:
    """Copies the fields that `paths` name; one that `source` lacks is cleared."""
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
