"""The guide's TypeScript is held to its word, as its Python is."""

import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.clients.programs import Account
from tests.guides.pages import GUIDES, blocks_of

ROOT = Path(__file__).parents[2]
TSC = ROOT / "deploy/clients/typescript/node_modules/.bin/tsc"

# All that the program takes of Node.
OF_NODE = "declare const process: { env: Record<string, string | undefined> }\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that has the client installed."""
    (tmp_path / "package.json").write_text('{"type": "module"}')
    package = tmp_path / "node_modules/@prospectconnect/client"
    package.parent.mkdir(parents=True)
    package.symlink_to(ROOT / "gen/clients/typescript")
    return tmp_path


@pytest.mark.node
def test_the_guides_program_does_what_it_says(project: Path, account: Account) -> None:
    """Its blocks are one program; each is followed by what it prints."""
    blocks = list(blocks_of(GUIDES / "clients.md"))
    pairs = [
        (block, shown)
        for block, shown in pairwise(blocks)
        if block.language == "typescript"
    ]
    assert {shown.language for _, shown in pairs} == {"text"}
    program = "".join(block.text for block, _ in pairs)
    source = program.replace("http://127.0.0.1:8080", account.address)
    (project / "program.ts").write_text(OF_NODE + source)
    options = ["--strict", "--module", "nodenext", "--target", "es2022"]
    compiled = subprocess.run(
        [TSC, *options, "program.ts"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (compiled.returncode, compiled.stdout) == (0, "")
    told = subprocess.run(
        ["node", "program.js"],
        cwd=project,
        env={**os.environ, "TOKEN": account.token},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "".join(shown.text for _, shown in pairs)
