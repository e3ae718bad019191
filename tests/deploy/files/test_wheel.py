"""The wheel alone, away from the checkout: it has all that is needed, and serves."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy import program
from tests.harness.made_once import made_once
from tests.stacks import Process, start

ROOT = Path(__file__).resolve().parents[3]
SOURCES = (
    *("pyproject.toml", "setup.py", "README.md"),
    *("deploy", "docs", "edge", "gen", "services"),
)
CODE = {
    "edge": "edge",
    "services": "services",
    "gen/prospectconnect": "prospectconnect",
    "gen/openapi": "prospectconnect/openapi",
}
# What the C twins are made of, and what they become.
COMPILED = {".c", ".h", ".so"}


def pip(*arguments: str) -> None:
    """Runs pip without an index: what is needed is here."""
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps", "--no-index"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed() -> Path:
    """A folder into which the wheel of these sources is installed."""
    return made_once("wheel", install) / "installed"


def install(folder: Path) -> None:
    source = folder / "source"
    source.mkdir()
    skip = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info")
    for each in SOURCES:
        if (ROOT / each).is_dir():
            shutil.copytree(ROOT / each, source / each, ignore=skip)
        else:
            shutil.copy(ROOT / each, source)
    pip("wheel", "-q", "-w", str(folder), "--no-build-isolation", str(source))
    (wheel,) = folder.glob("*.whl")
    pip("install", "-q", "--target", str(folder / "installed"), str(wheel))


@pytest.fixture(scope="module")
def outside(installed: Path) -> dict[str, str]:
    """The variables that have Python find the installed code, and never ours."""
    return {
        "PYTHONPATH": str(installed),
        "PYTHONSAFEPATH": "1",  # the folder that one is in says nothing
        "PYTHONDONTWRITEBYTECODE": "1",
        "PROSPECTCONNECT_LOG_REQUESTS": "false",
    }


def times_of(folder: Path) -> dict[Path, int]:
    """When each file and folder was changed."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def untouched(installed: Path) -> dict[Path, int]:
    """The installed files as they were before anything ran."""
    return times_of(installed)


@pytest.fixture(scope="module")
def server(
    untouched: dict[Path, int],
    outside: dict[str, str],
    new_database: Callable[[str], str],
) -> Iterator[Process]:
    """The installed program on an empty database, which it migrates."""
    url = new_database("wheel")
    with tempfile.TemporaryDirectory(prefix="pc-") as name:
        arguments = program.serve(Path(name), "--no-demo", "--database-url", url)
        process = start(*arguments, env=outside)
        try:
            yield process
        finally:
            assert process.stop() == 0


def files_of(folder: Path) -> set[str]:
    """The files below a folder that a wheel should have, by their paths in it."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix not in COMPILED
        and "__pycache__" not in path.parts
    }


def test_the_build_leaves_nothing_among_the_sources(installed: Path) -> None:
    """The next build would take it for a part of them."""
    source = installed.with_name("source")
    assert {path.name for path in source.iterdir()} == set(SOURCES)
    assert not list(source.rglob("*.so"))


@pytest.mark.parametrize("place", CODE)
def test_nothing_is_left_out(installed: Path, place: str) -> None:
    """Code, templates, styles, icons, migrations: whatever lies beside the code."""
    expected = files_of(ROOT / place)
    assert expected
    assert expected - files_of(installed / CODE[place]) == set()


def test_the_program_is_there(installed: Path) -> None:
    expected = {path.name for path in (ROOT / "deploy").glob("*.py")}
    assert {path.name for path in (installed / "deploy").glob("*.*")} == expected
    assert (installed / "bin" / "prospectconnect").exists()


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")
def test_the_twins_are_compiled(installed: Path) -> None:
    assert list((installed / "services" / "records").glob("_rows.*.so"))
    assert list((installed / "services" / "exports").glob("_cells.*.so"))
    assert list((installed / "edge" / "limits").glob("_budgets.*.so"))
    assert list((installed / "edge" / "transcoder").glob("_encode.*.so"))


def test_it_serves_what_it_has_and_nothing_of_the_checkout(
    installed: Path, outside: dict[str, str], server: Process
) -> None:
    where = "import edge, deploy.serving.process as s; print(edge.__path__, s.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        env={**os.environ, **outside},
    )
    assert str(ROOT) not in found.stdout
    assert str(installed) in found.stdout
    assert program.get(server.http, "/readyz")[0] == 200
    assert program.get(server.http, "/v1/me", "pcp_none")[0] == 401


def test_it_writes_nothing_where_it_is_installed(
    installed: Path, untouched: dict[Path, int], server: Process
) -> None:
    """So that it serves from a file system that cannot be written."""
    assert program.get(server.http, "/readyz")[0] == 200
    assert times_of(installed) == untouched


_SITE = """
from edge.portal.site import make_site
from edge.portal.texts import docs_folder
from edge.surface import public_services
from edge.transcoder.routes import routes_of
from edge.web.templating import open_pages

pages = open_pages()
site = make_site(pages.environment, tuple(routes_of(public_services())))
print(docs_folder())
print(len(site.texts))
"""


def site_of(path: str) -> list[str]:
    """Where the portal's texts are, and how many pages they come to."""
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _SITE],
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()


def test_it_holds_all_that_the_portal_is_made_of(installed: Path) -> None:
    folder, texts = site_of(str(installed))
    assert folder == str(installed / "edge/portal/docs")
    _, here = site_of(f"{ROOT}:{ROOT / 'gen'}")
    assert texts == here
