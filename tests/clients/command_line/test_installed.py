"""The command line is installed with the client, into an environment that is empty."""

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.clients.command_line.shell import Shell

ROOT = Path(__file__).parents[3]
SITE = Path(sysconfig.get_path("purelib"))


@pytest.mark.nightly
@pytest.mark.node
def test_it_runs_with_what_it_requires_and_nothing_else(
    shell: Shell, tmp_path: Path
) -> None:
    """The packages that it requires come from the tests' environment, as links."""
    inside = environment(tmp_path)
    (found,) = inside.glob("lib/python*/site-packages")
    told = distribution_in(found)
    link(required(told, ""), found)
    alone = run(shell, inside, "--help")
    assert alone.returncode == 2
    assert 'pip install "prospectconnect-client[cli]"' in alone.stderr
    library: list[str | Path] = [
        inside / "bin/python",
        "-c",
        "import prospectconnect_client",
    ]
    assert subprocess.run(library, check=False).returncode == 0

    link(required(told, "cli"), found)
    assert "contacts" in run(shell, inside, "--help").stdout
    assert '"owner"' in run(shell, inside, "me", "get").stdout
    assert run(shell, inside, "schema", "pull").returncode == 0


def environment(folder: Path) -> Path:
    """An environment with the wheel alone."""
    packages, inside = folder / "packages", folder / "venv"
    build: list[str | Path] = [
        ROOT / "deploy/clients/packages.sh",
        Path(sys.executable).parent,
        packages,
    ]
    quietly(*build)
    quietly(sys.executable, "-m", "venv", "--without-pip", inside)
    (wheel,) = packages.glob("*.whl")
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        inside / "bin/python",
        "install",
    ]
    quietly(*pip, "--quiet", "--no-index", "--no-deps", wheel)
    return inside


def quietly(*command: str | Path) -> None:
    """Runs a command that has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def run(
    shell: Shell, inside: Path, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    """Runs the installed program."""
    return subprocess.run(
        [inside / "bin/pcrm", *arguments],
        env=dict(shell.variables),
        capture_output=True,
        text=True,
        check=False,
    )


def distribution_in(site: Path) -> Distribution:
    """The client as it is installed."""
    (found,) = Distribution.discover(name="prospectconnect-client", path=[str(site)])
    return found


def required(told: Distribution, extra: str) -> Iterator[Distribution]:
    """What a distribution requires, and what these require."""
    for each in told.requires or ():
        requirement = Requirement(each)
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": extra}):
            found = distribution(requirement.name)
            yield found
            yield from required(found, "")


def link(distributions: Iterator[Distribution], site: Path) -> None:
    """Links the packages of distributions into an environment."""
    for each in distributions:
        for name in {file.parts[0] for file in each.files or ()} - {".."}:
            target = site / name
            if not target.exists() and (SITE / name).exists():
                target.symlink_to(SITE / name)


@pytest.mark.parametrize("name", ["click", "rich", "PyYAML"])
def test_the_library_alone_requires_none_of_its_packages(name: str) -> None:
    told = (ROOT / "deploy/clients/python/pyproject.toml").read_text()
    dependencies = told.partition("\ndependencies = ")[2].partition("\n")[0]
    assert name.lower() not in dependencies.lower()
