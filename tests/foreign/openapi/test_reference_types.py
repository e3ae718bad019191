"""The TypeScript samples of the reference are TypeScript, to its own compiler."""

import subprocess
from pathlib import Path

import orjson
import pytest

from edge.openapi import files
from edge.reference.document import Document
from edge.reference.operations import operations_of
from edge.reference.samples import samples_of
from edge.surface import public_services
from edge.transcoder.routes import routes_of
from tests.foreign.programs import HERE

ROOT = Path(__file__).parents[3]
ROUTES = {(e.http_method, e.path): e for e in routes_of(public_services())}

pytestmark = pytest.mark.node

# All that the samples know of Node; the rest is what browsers have as well.
_NODE = "declare const process: { env: Record<string, string | undefined> }\n"
_OPTIONS = ("--noEmit", "--strict", "--target", "es2022", "--module", "nodenext")


def compile_all(folder: Path) -> str:
    """What the compiler says of the modules in a folder."""
    modules = sorted(map(str, folder.glob("*.*ts")))
    compiler = str(HERE / "node_modules/.bin/tsc")
    done = subprocess.run(
        [compiler, *_OPTIONS, "--lib", "es2022,dom", *modules],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout


def test_samples_are_typescript(tmp_path: Path) -> None:
    version = files.versions()[-1]
    (tmp_path / "node.d.ts").write_text(_NODE)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    package = tmp_path / "node_modules/@prospectconnect/client"
    package.parent.mkdir(parents=True)
    package.symlink_to(ROOT / "gen/clients/typescript")
    for each in operations_of(Document(orjson.loads(files.read(version))), {}):
        (sample,) = (
            sample.code
            for sample in samples_of(each, version, ROUTES[each.method, each.path])
            if sample.language == "typescript"
        )
        (tmp_path / f"{each.name}.mts").write_text(sample)
    assert compile_all(tmp_path) == ""
    planted = tmp_path / "planted.mts"
    planted.write_text("const status: string = (await fetch('/')).status\n")
    assert "planted.mts" in compile_all(tmp_path)
