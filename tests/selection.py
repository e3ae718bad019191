"""Which cases run at each change, and which are left to `make nightly`.

At each change a case that exists for both topologies runs on one of them, a `canary`
runs where its harness has changed, the tests of some folders run where what they are
about has changed (`tests.subjects`), of families of cases a sample runs
(`tests.sampling`), and a case marked `nightly` does not run: a smaller one of the same
promise does. `make nightly` runs all cases. Nothing is left out
silently: the end of a run says how many cases it left.
"""

import gc
import os
from collections import defaultdict
from collections.abc import (
    Callable,
    Collection,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zlib import crc32

import pytest

from tests.changes import ROOT, changed_files, changes, harness_of, is_among
from tests.landed import beyond_landed, has_landed
from tests.sampling import beyond_samples
from tests.stacks import TOPOLOGIES
from tests.subjects import is_concerned

_Choice = Callable[[Sequence[pytest.Item]], Iterable[pytest.Item]]

_LEFT = pytest.StashKey[dict[str, int]]()
# Were one of these the last to begin, the other processes would wait for it.
_LONGEST = ("tests/foreign/", "tests/recipe/")
_SHARED = ROOT / "tests/conftest.py"  # it imports what all tests share
_CANARIES = 4  # one in so many runs where only that has changed, or all has landed
_REPORTED = "left to make nightly"  # the key under which a worker reports


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options of `make nightly`."""
    group = parser.getgroup("what runs at each change")
    group.addoption(
        "--every-topology", action="store_true", help="run each case on both topologies"
    )
    group.addoption(
        "--every-canary", action="store_true", help="run canaries of old harnesses too"
    )
    group.addoption(
        "--every-case", action="store_true", help="run families of cases whole"
    )
    group.addoption(
        "--every-subject",
        action="store_true",
        help="run the tests of what has not changed too",
    )
    group.addoption(
        "--every-landed",
        action="store_true",
        help="run what has landed whole, as a run of named tests does",
    )
    group.addoption(
        "--nightly", action="store_true", help="run all cases, with all their rounds"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Lets `tests.rounds` know what runs, before test modules are imported."""
    config.stash[_LEFT] = {}
    if config.option.nightly:
        os.environ["NIGHTLY"] = "1"
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        config.option.every_landed = True  # tests are named


# Before -k, which may select one topology of a case, and after the shuffle.
@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Deselects what is left to `make nightly`, and begins with the longest."""
    _leave(config, items)
    yield
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


def _leave(config: pytest.Config, items: list[pytest.Item]) -> None:
    left = set[pytest.Item]()
    for reason, (option, choose) in _REASONS.items():
        if not (config.option.nightly or (option and config.getoption(option))):
            found = set(choose([item for item in items if item not in left]))
            config.stash[_LEFT][reason] = len(found)
            left |= found
    if left:
        config.hook.pytest_deselected(items=[item for item in items if item in left])
        items[:] = [item for item in items if item not in left]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collects without garbage collection, and excludes modules and cases from it.

    They stay until the end: there is no garbage to find while cases are collected, and
    each full collection during the tests would look through half a gigabyte.
    """
    gc.disable()
    try:
        collected = yield
        gc.collect()
        gc.freeze()
    finally:
        gc.enable()
    return collected


def on_the_other_topology(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    """Of the cases that exist for both topologies, the ones that a hash leaves out.

    The hash is of the case without its topology: the same in each run and process.
    """
    cases = defaultdict[str, dict[str, pytest.Item]](dict)
    for item in items:
        topology = topology_of(item)
        if topology and not item.get_closest_marker("every_topology"):
            cases[name_without(topology, item)][topology] = item
    for name, made in cases.items():
        if len(made) == len(TOPOLOGIES):
            yield made[TOPOLOGIES[crc32(name.encode()) % len(TOPOLOGIES)]]


def topology_of(item: Any) -> str | None:
    """The topology that a case is made for, None where it is made for none."""
    if (call := getattr(item, "callspec", None)) is None:
        return None
    values = call.params.values()
    return next((v for v in values if isinstance(v, str) and v in TOPOLOGIES), None)


def name_without(topology: str, item: Any) -> str:
    """What both cases of a pair are called."""
    parts = item.callspec.id.split("-")
    parts.remove(topology)
    return f"{item.nodeid.partition('[')[0]}[{'-'.join(parts)}]"


def of_unchanged_harnesses(
    items: Sequence[pytest.Item],
    changed: Collection[Path] | None,
    commit: str = "",
    landed: bool = False,
) -> Iterator[pytest.Item]:
    """The canaries whose files are unchanged; none where nobody knows what changed.

    Where only files have changed that all tests share, it leaves three of four: what
    blinds one harness then blinds others too. So it does where all that has changed has
    landed: each harness was tried with its own change, before that landed.
    """
    shared = harness_of(_SHARED)
    for item in items:
        if changed is None or not item.get_closest_marker("canary"):
            continue
        harness = harness_of(item.path)
        if not landed and is_among(harness - shared, changed):
            continue
        is_drawn = crc32(f"{commit} {item.nodeid}".encode()) % _CANARIES == 0
        if not (is_drawn and is_among(harness, changed)):
            yield item


def _slow(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    return (item for item in items if item.get_closest_marker("nightly"))


def _old_canaries(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    known = changes()
    if known is None:
        return iter(())
    landed = has_landed(known)
    return of_unchanged_harnesses(items, changed_files(), known.commit, landed)


def _unconcerned(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    changed = changed_files()
    modules = {item.path for item in items}
    idle = {each for each in modules if not is_concerned(each, changed)}
    return (item for item in items if item.path in idle)


def _beyond_samples(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    known = changes()
    return beyond_samples(items, known.commit, known.files) if known else iter(())


def _beyond_landed(items: Sequence[pytest.Item]) -> Iterable[pytest.Item]:
    known = changes()
    return beyond_landed(items, known.commit) if known and has_landed(known) else ()


# Why cases are left, the option that keeps them, and which they are.
_REASONS: Mapping[str, tuple[str, _Choice]] = MappingProxyType(
    {
        "on their other topology": ("every_topology", on_the_other_topology),
        "slow proofs": ("", _slow),
        "canaries of unchanged harnesses": ("every_canary", _old_canaries),
        "about what has not changed": ("every_subject", _unconcerned),
        "beyond the samples": ("every_case", _beyond_samples),
        "tried before they landed": ("every_landed", _beyond_landed),
    }
)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Reports to the process that prints, where several run the tests."""
    config = session.config
    if (output := getattr(config, "workeroutput", None)) is not None:
        output[_REPORTED] = config.stash[_LEFT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes a worker's report; all of them collect the same cases."""
    reported = getattr(node, "workeroutput", {}).get(_REPORTED, {})
    node.config.stash[_LEFT].update(reported)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Says how much is left."""
    told = {what: count for what, count in config.stash[_LEFT].items() if count}
    if told:
        parts = ", ".join(f"{count} {what}" for what, count in told.items())
        total = sum(told.values())
        terminalreporter.write_line(
            f"{total} cases are left to `make nightly`: {parts}."
        )
