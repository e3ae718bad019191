"""The reference's samples for Python have no fault of types."""

import subprocess
import sys
from pathlib import Path

import orjson

from edge.openapi import files
from edge.openapi.parts import without_parts
from edge.reference.document import Document
from edge.reference.operations import operations_of
from edge.reference.samples import samples_of
from edge.surface import public_services
from edge.transcoder.routes import routes_of

ROOT = Path(__file__).parents[3]


def test_mypy_finds_no_mistake_in_the_samples(tmp_path: Path) -> None:
    """Each is a function of one program: mypy reads the clients' types once."""
    version = files.versions()[-1]
    document = Document(without_parts(orjson.loads(files.read(version))))
    routes = {
        (each.http_method, each.path): each for each in routes_of(public_services())
    }
    lines: list[str] = []
    for operation in operations_of(document, {}):
        route = routes[operation.method, operation.path]
        for sample in samples_of(operation, version, route):
            if "prospectconnect_client" in sample.code:
                code = (f"    {line}" for line in sample.code.splitlines())
                if sample.language == "python":
                    lines += [f"def {operation.name}() -> None:", *code, ""]
    assert sum(line.startswith("def ") for line in lines) > 190
    assert faults_of(tmp_path, lines) == ""
    planted = [*lines, "def planted(client: ProspectConnect) -> None:"]
    planted += ["    client.contacts.create(frist_name='Ada')", IMPORTED]
    assert "frist_name" in faults_of(tmp_path, planted)


IMPORTED = "from prospectconnect_client import ProspectConnect"


def faults_of(folder: Path, lines: list[str]) -> str:
    """What mypy says of a program, empty if nothing."""
    program = folder / "program.py"
    program.write_text("\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", folder, program],
        env={"MYPYPATH": f"{ROOT}/deploy/clients/python:{ROOT}/gen/clients/python"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return "\n".join(e for e in done.stdout.splitlines() if " error: " in e)
