"""Where operations are cut into batches: where no `@ref` leads from one to another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class _Link:
    """The operation `index` refers at `place` to that at `first`; None: to none."""

    index: int
    place: str
    ref: str
    first: int | None


@dataclass(slots=True)
class _Refs:
    """The links among operations, and the first that has the ref of one before."""

    links: list[_Link] = field(default_factory=list)
    repeated: int | None = None


def length_of_next(read: Sequence[Mapping[str, Any]], size: int, sent: int) -> int:
    """How many of the operations make the next batch.

    Args:
        read: The operations that were read and not sent: all that remain, or so many
            that what refers to one of the first `size` is among them if it can be.
        size: The most operations in a batch.
        sent: How many were sent before.

    Raises:
        ValueError: The first operations refer to some that cannot be in their batch.
    """
    refs = _refs_of(read)
    lost = next((each for each in refs.links if each.first is None), None)
    ends = (len(read), size, refs.repeated, lost.index if lost else None)
    most = min(end for end in ends if end is not None)
    last = {each.first: each.index for each in refs.links}
    length = reached = 0
    for cut in range(1, most + 1):
        reached = max(reached, last.get(cut - 1, 0))
        if reached < cut:
            length = cut
    if length:
        return length
    if lost and lost.index == most:
        raise ValueError(
            f"operations[{sent + lost.index}].{lost.place} refers to @{lost.ref}, and "
            f"no operation before it in its batch of at most {size} has this ref."
        )
    far = next(
        each
        for each in refs.links
        if each.first is not None and each.first < most <= each.index
    )
    raise ValueError(
        f"operations[{sent + far.index}].{far.place} refers to @{far.ref}, which is "
        f"operations[{sent + (far.first or 0)}]: what refers to each other must fit "
        f"into one batch of at most {size} operations, in which each ref stands once."
    )


def _refs_of(read: Sequence[Mapping[str, Any]]) -> _Refs:
    found, at = _Refs(), dict[str, int]()
    for index, operation in enumerate(read):
        for place, ref, is_sure in _places(operation):
            if ref in at or is_sure:
                found.links.append(_Link(index, place, ref, at.get(ref)))
        if given := operation.get("ref"):
            if given in at and found.repeated is None:
                found.repeated = index
            at[given] = index
    return found


def _places(operation: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Where an operation may refer to others, the ref, and whether it surely does.

    A custom field may be a link, or a text that begins with `@`.
    """
    body = operation.get("body")
    fields = body if isinstance(body, Mapping) else {}
    own = fields.get("custom_fields")
    given = [("id", operation.get("id"), True)]
    given += [(f"body.{k}", v, True) for k, v in fields.items() if k.endswith("_id")]
    if isinstance(own, Mapping):
        given += [(f"body.custom_fields.{k}", v, False) for k, v in own.items()]
    for place, value, is_sure in given:
        if isinstance(value, str) and value.startswith("@"):
            yield place, value[1:], is_sure
