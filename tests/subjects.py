"""What the tests of a folder are about: the code whose change makes them run.

A folder of tests that is not named here is about everything. `tests.selection` uses
this at each change; `make nightly` runs all tests.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.changes import ROOT, harness_of

# What every test depends on, wherever it is.
_ALWAYS = (".ci/", "Makefile", "pyproject.toml", "requirements.lock", "setup.py")

_CLIENTS = ("deploy/clients/", "gen/clients/", "gen/openapi/", "edge/http/")
_PAGES = ("edge/", "gen/openapi/", "docs/", "services/iam/", "services/server.py")
# How programs are put together, started, observed and ended.
_PROGRAMS = (
    *("deploy/", "services/gates/", "services/iam/", "services/postgres/"),
    *("services/server.py", "services/settings.py", "services/registration.py"),
    *("edge/calls/", "edge/limits/", "edge/usage/", "edge/app.py", "edge/entrances.py"),
    "edge/settings.py",
)

# The folder or module of the tests, and the files and folders that it is about.
SUBJECTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tests/clients": _CLIENTS,
        "tests/deploy": _PROGRAMS,
        "tests/edge/mcp": ("edge/", "gen/openapi/"),
        "tests/edge/openapi": ("edge/", "gen/", "protos/"),
        "tests/edge/portal": _PAGES,
        "tests/end_to_end/documents": (*_PAGES, "protos/", *_CLIENTS),
        "tests/foreign": _PAGES,
        "tests/recipe": (
            *("protos/", "deploy/scaffold/", "deploy/clients/", "docs/adding-a-"),
            *("services/kinds/", "services/records/", "services/postgres/"),
            *("services/every_kind.py", "services/standard.py", "tests/promises/"),
        ),
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
    subjects, or if the module, a file that it imports of the tests, or a `conftest.py`
    above it has changed.
    """
    subjects = subjects_of(module)
    if subjects is None or changed is None:
        return True
    if not harness_of(module).union(_conftests(module)).isdisjoint(changed):
        return True
    names = [each.relative_to(ROOT).as_posix() for each in changed]
    return any(name.startswith((*_ALWAYS, *subjects)) for name in names)


def _conftests(module: Path) -> Iterator[Path]:
    for folder in module.parents:
        if folder == ROOT:
            break
        yield folder / "conftest.py"
