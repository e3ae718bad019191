"""What the tests of a folder are about: the code whose change makes them run.

A folder of tests that is not named here is about everything. One that is named is also
about every file that it imports, directly or by others. `tests.selection` uses this at
each change; `make nightly` runs all tests.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from tests.changes import ROOT, harness_of, is_among, parts_of

# What every test depends on, wherever it is.
_ALWAYS = (
    *(".ci/", "Makefile", "pyproject.toml", "requirements.lock", "setup.py"),
    "tests/data/",
)

# For a module of a folder below that looks at files which it does not import.
_EVERYTHING = ("",)

_CLIENTS = (
    *("deploy/clients/", "gen/clients/", "gen/openapi/", "edge/http/"),
    "docs/guides/clients.md",
)
_PAGES = ("edge/", "gen/openapi/", "docs/", "services/iam/", "services/server.py")
# How programs are put together, started, observed and ended.
_PROGRAMS = (
    *("deploy/", "services/gates/", "services/iam/", "services/postgres/"),
    *("services/server.py", "services/settings.py", "services/registration.py"),
    *(
        "edge/calls/",
        "edge/limits/",
        "edge/usage/",
        "edge/app.py",
        "edge/entrances.py",
        "edge/answering.py",
    ),
    "edge/settings.py",
)
# What a request goes through, whatever it is about: what can lose or double it.
_ENGINE = (
    *_PROGRAMS,
    *("edge/callers/", "edge/gates/", "edge/http/", "edge/upstream/", "edge/state.py"),
    *("services/jobs/", "services/records/", "services/standard.py"),
)

# The folder or module of the tests, and the files and folders that it is about.
SUBJECTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tests/clients": _CLIENTS,
        "tests/deploy": _PROGRAMS,
        "tests/deploy/files": _EVERYTHING,
        "tests/deploy/observing": (*_PROGRAMS, "docs/runbook.md"),
        "tests/deploy/test_patterns.py": _EVERYTHING,
        "tests/edge": ("gen/", "protos/"),
        "tests/edge/mcp": ("edge/", "gen/openapi/"),
        "tests/edge/openapi": ("edge/", "gen/", "protos/"),
        "tests/edge/portal": _PAGES,
        "tests/end_to_end": ("deploy/", "edge/", "gen/", "protos/", "services/"),
        "tests/end_to_end/documents": (*_PAGES, "protos/", *_CLIENTS),
        "tests/end_to_end/oauth/test_oauth_table.py": _EVERYTHING,
        "tests/end_to_end/outages": _ENGINE,
        "tests/foreign": _PAGES,
        "tests/foreign/calendars": (
            *("edge/web/calendar.py", "services/meetings/", "services/scheduling/"),
        ),
        "tests/foreign/webhooks": (
            *("services/delivering/", "services/webhooks/"),
            "docs/guides/receiving-webhooks.md",
        ),
        "tests/recipe": (
            *("protos/", "deploy/scaffold/", "deploy/clients/", "docs/adding-a-"),
            *("services/kinds/", "services/records/", "services/postgres/"),
            *("services/every_kind.py", "services/standard.py", "tests/promises/"),
        ),
        "tests/services": ("gen/", "protos/", "services/postgres/"),
        "tests/services/postgres/test_migrations.py": (
            *("gen/", "protos/", "services/postgres/"),
            *("CONTRIBUTING.md", "docs/adding-a-resource.md"),
        ),
        "tests/services/records/test_one_path.py": ("gen/", "services/"),
    }
)


def subjects_of(module: Path) -> tuple[str, ...] | None:
    """What a test module is about; None: everything."""
    name = module.relative_to(ROOT).as_posix()
    found = [each for each in SUBJECTS if f"{name}/".startswith(f"{each}/")]
    return SUBJECTS[max(found, key=len)] if found else None


def is_concerned(module: Path, changed: Collection[Path] | None) -> bool:
    """Whether a test module has to run after a change.

    It has to if the files that changed are not known, if one of them is among its
    subjects, or if it leads to one of them by imports. It also has to if a
    `conftest.py` above it leads to one of the tests.
    """
    subjects = subjects_of(module)
    if subjects is None or changed is None:
        return True
    named = (*_ALWAYS, *subjects)
    if any(name.startswith(named) for name in _names_of(frozenset(changed))):
        return True
    shared = (harness_of(each) for each in _conftests(module))
    return is_among(parts_of(module).union(*shared), changed)


@cache
def _names_of(files: frozenset[Path]) -> tuple[str, ...]:
    return tuple(each.relative_to(ROOT).as_posix() for each in files)


def _conftests(module: Path) -> Iterator[Path]:
    for folder in module.parents:
        if (file := folder / "conftest.py").is_file():
            yield file
        if folder == ROOT:
            break
