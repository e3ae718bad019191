"""Of a family of cases, those that run at a change: some of them, others each time.

A test that is repeated for each record type, field or operation has the mark
`sampled(one_in)`. At each change one in so many of its cases runs, and at least one.
With `each="resource"`, that holds for the cases of each value of that parameter. A hash
of the commit and of the case's name decides, so that all processes of a run choose the
same cases, and in time all cases are chosen. `make nightly` runs all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tests.changes import ROOT, changes

_PROTOS = ROOT / "protos"
_PLACES = (_PROTOS, ROOT / "services")


def beyond_samples(
    items: Sequence[pytest.Item], commit: str, changed: Collection[Path]
) -> Iterator[pytest.Item]:
    """The cases that a sample leaves out.

    It leaves out no case of a test module that has changed, and none that is named
    after what has changed, as a record type whose proto or code has.
    """
    words = words_of(changed)
    for one_in, family in _families(items):
        family.sort(key=lambda item: (_drawn(commit, item), item.nodeid))
        for item in family[ceil(len(family) / one_in) :]:
            if not (item.path in changed or is_about(item.nodeid, words)):
                yield item


def some_of(values: Collection[str], number: int) -> list[str]:
    """So many of these values, others at each commit; all if there are no more."""
    known = changes()
    commit = known.commit if known else ""
    drawn = sorted(values, key=lambda each: (crc32(f"{commit} {each}".encode()), each))
    return drawn[:number]


def _families(
    items: Sequence[pytest.Item],
) -> Iterator[tuple[int, list[pytest.Item]]]:
    found = defaultdict[tuple[int, str, str], list[pytest.Item]](list)
    for item in items:
        if (mark := item.get_closest_marker("sampled")) is not None:
            test = item.nodeid.partition("[")[0]
            value = _value_of(item, mark.kwargs.get("each"))
            found[mark.args[0], test, value].append(item)
    for (one_in, _, _), family in found.items():
        yield one_in, family


def _value_of(item: Any, parameter: str | None) -> str:
    return "" if parameter is None else str(item.callspec.params[parameter])


def _drawn(commit: str, item: pytest.Item) -> int:
    return crc32(f"{commit} {item.nodeid}".encode())


def words_of(changed: Collection[Path]) -> frozenset[str]:
    """What changed files are about, as one word each, of the protos' names."""
    known = {_word(each.stem) for each in _PROTOS.rglob("*.proto")}
    return frozenset(
        word
        for each in changed
        if any(place in each.parents for place in _PLACES)
        and (word := _word(each.stem)) in known
    )


def is_about(nodeid: str, words: Collection[str]) -> bool:
    """Whether the parameters of a case name one of these."""
    parameters = nodeid.partition("[")[2].lower().replace("_", "")
    return any(word in parameters for word in words)


def _word(stem: str) -> str:
    """One of the things that a file is named after: `company` for `companies`.

    It lacks its last letter where plural and singular differ in that.
    """
    word = stem.lower().replace("_", "")
    return word.removesuffix("s").removesuffix("ie").removesuffix("y")
