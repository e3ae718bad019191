"""The wheel: what was installed from it serves the portal like a checkout."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

_TOP = Path(__file__).parents[2]

_LOOK = """
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


def look(at: Path, path: str) -> list[str]:
    """Where the texts are, and how many pages they come to, imported from a path."""
    done = subprocess.run(
        [sys.executable, "-c", _LOOK],
        cwd=at,
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()


def test_a_wheel_holds_all_that_the_site_is_made_of(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    kept = shutil.ignore_patterns("__pycache__", "*.so", "adr", "tests")
    for name in ("edge", "services", "deploy", "gen", "docs"):
        shutil.copytree(_TOP / name, tree / name, ignore=kept)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(_TOP / name, tree / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    apart = ["--no-build-isolation", "--no-index", "--wheel-dir", str(tmp_path)]
    subprocess.run([*pip, *apart, str(tree)], check=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)

    folder, texts = look(tmp_path, str(installed))
    assert folder == str(installed / "edge/portal/docs")
    _, here = look(tmp_path, f"{_TOP}:{_TOP / 'gen'}")
    assert texts == here
