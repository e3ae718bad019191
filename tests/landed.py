"""Of what has landed, the cases that a whole run repeats.

A change was tried with all that is about it before it landed. A run of `origin/main`
itself, on which nothing differs, sees whether all that landed still works together. Of
the slow folders below it runs one in so many cases of each module, and at least one;
other ones at each commit. `make nightly` runs all.

The folders of rights, erasures, gates, and of all that survives crashes are not among
them: there, all cases run.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from types import MappingProxyType
from zlib import crc32

import pytest

from tests.changes import ROOT, Changes

# One in so many cases of each module of a folder, or of a module, runs; 1: all.
LANDED: Mapping[str, int] = MappingProxyType(
    {
        "tests/clients": 2,
        "tests/deploy": 2,
        "tests/deploy/embedded": 1,
        "tests/deploy/files/test_backup.py": 1,
        "tests/edge/openapi": 2,
        "tests/edge/portal": 2,
        "tests/end_to_end/accounts": 2,
        "tests/end_to_end/changes": 2,
        "tests/end_to_end/changes/test_both_ways.py": 1,
        "tests/end_to_end/documents": 2,
        "tests/end_to_end/exports": 2,
        "tests/end_to_end/exports/test_export_kills.py": 1,
        "tests/end_to_end/http": 2,
        "tests/end_to_end/http/test_gates.py": 1,
        "tests/end_to_end/http/test_idempotency.py": 1,
        "tests/end_to_end/http/test_smuggling.py": 1,
        "tests/end_to_end/imports": 2,
        "tests/end_to_end/imports/test_import_kills.py": 1,
        "tests/end_to_end/imports/test_undo_rights.py": 1,
        "tests/end_to_end/imports/test_undo_rounds.py": 1,
        "tests/end_to_end/oauth/test_oauth_http_forms.py": 2,
        "tests/end_to_end/oauth/test_oauth_http_pages.py": 2,
        "tests/end_to_end/outages/test_deadlines.py": 2,
        "tests/end_to_end/outages/test_leaving.py": 2,
        "tests/end_to_end/outages/test_overload.py": 2,
        "tests/end_to_end/outages/test_pgbouncer.py": 2,
        "tests/end_to_end/outages/test_read_only.py": 2,
        "tests/end_to_end/outages/test_topologies.py": 2,
        "tests/end_to_end/records": 2,
        "tests/end_to_end/sandboxes": 2,
        "tests/end_to_end/sandboxes/test_clock_kills.py": 1,
        "tests/end_to_end/sandboxes/test_live_sides.py": 1,
        "tests/end_to_end/schema": 2,
        "tests/end_to_end/search": 2,
        "tests/foreign": 2,
        "tests/foreign/browser": 3,
        "tests/recipe": 2,
        "tests/services/postgres": 2,
    }
)


def has_landed(known: Changes | None) -> bool:
    """Whether nothing differs from `origin/main`; not where git does not know."""
    return known is not None and known.commit == known.landed and not known.files


def beyond_landed(items: Sequence[pytest.Item], commit: str) -> Iterator[pytest.Item]:
    """The cases that a whole run of what has landed leaves out."""
    modules = defaultdict[Path, list[pytest.Item]](list)
    for item in items:
        modules[item.path].append(item)
    for module, cases in modules.items():
        cases.sort(key=lambda item: (_drawn(commit, item), item.nodeid))
        yield from cases[ceil(len(cases) / one_in(module)) :]


def one_in(module: Path) -> int:
    """Of how many cases of a module one runs."""
    name = module.relative_to(ROOT).as_posix()
    found = [each for each in LANDED if f"{name}/".startswith(f"{each}/")]
    return LANDED[max(found, key=len)] if found else 1


def _drawn(commit: str, item: pytest.Item) -> int:
    return crc32(f"{commit} landed {item.nodeid}".encode())
