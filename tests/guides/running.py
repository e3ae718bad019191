"""Runs a page from its first block to its last, as a reader would who types it in."""

import os
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.guides.answers import compare
from tests.guides.matching import Known, MismatchError
from tests.guides.pages import Block, GuideError, blocks_of, name_of
from tests.guides.sessions import Session

_ROOT = Path(__file__).parents[2]
# The programs that guides use and that are not installed here.
_BIN = Path(__file__).parent / "bin"
_IMPORTED = (".", "gen", "deploy/clients/python", "gen/clients/python")

# What the guides call the server, the services, the tenant, a token and the code that
# an app gets for its user.
EXAMPLE_HTTP = "127.0.0.1:8080"
EXAMPLE_GRPC = "127.0.0.1:50051"
EXAMPLE_TENANT = "demo"
EXAMPLE_TOKEN = "pcp_..."
EXAMPLE_CODE = "pcc_..."

_CONSENT = re.compile(r"http://[^/\s]+(/oauth/authorize\?\S+)")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who follows a page: the addresses of their server, their tenant and token."""

    http: str
    grpc: str
    tenant: str
    token: str
    folder: Path
    # Lets an app in that asks at an address of the server, and gives the app's code.
    allow: Callable[[str], str]
    # Of a second tenant, where a page is about two.
    other_token: str = ""

    def environment(self) -> dict[str, str]:
        """What is set when a page begins, so that it need not begin with it."""
        return {
            **os.environ,
            "PATH": f"{_BIN}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "API": f"http://{self.http}/v1",
            "TOKEN": self.token,
            **({"OTHER_TOKEN": self.other_token} if self.other_token else {}),
            "PYTHONPATH": ":".join(str(_ROOT / each) for each in _IMPORTED),
        }

    def own(self, text: str) -> str:
        """A command with their own addresses and token in place of the examples'."""
        text = text.replace(EXAMPLE_HTTP, self.http)
        return text.replace(EXAMPLE_GRPC, self.grpc).replace(EXAMPLE_TOKEN, self.token)

    def examples(self, output: str) -> str:
        """An output with the examples' names in place of their own."""
        output = output.replace(self.http, EXAMPLE_HTTP)
        return output.replace(self.tenant, EXAMPLE_TENANT)


@dataclass(slots=True)
class _Walk:
    """A reader on their way through a page."""

    reader: Reader
    known: Known = field(default_factory=Known)
    asked: str = ""  # where an app asked for its user's leave

    def step(self, block: Block, session: Session) -> None:
        """Runs a block and compares. Raises GuideError and MismatchError."""
        source = self.known.real(self.reader.own(block.text))
        if EXAMPLE_CODE in source:
            source = source.replace(EXAMPLE_CODE, self.reader.allow(self.asked))
        # A line of the source is a line of the page, which a traceback then names.
        padding = "\n" * block.line if block.language == "python" else ""
        output = session.run(padding + source, block.shows_refusal)
        if found := _CONSENT.search(output):
            self.asked = found[1]
        if block.answer:
            compare(block.answer, self.reader.examples(output), self.known)


def run_page(page: Path, reader: Reader) -> int:
    """Runs a page and returns how many blocks were run.

    Raises GuideError: a block failed, or its answer is another one than is shown.
    """
    walk = _Walk(reader)
    blocks = [block for block in blocks_of(page) if block.runs]
    with ExitStack() as opened:
        sessions: dict[str, Session] = {}
        for block in blocks:
            if block.file_name:
                (reader.folder / block.file_name).write_text(reader.own(block.text))
                continue
            if block.language not in sessions:
                made = Session(block.language, reader.folder, reader.environment())
                sessions[block.language] = made
                opened.callback(made.close)
            try:
                walk.step(block, sessions[block.language])
            except (GuideError, MismatchError) as error:
                raise GuideError(f"{name_of(page)}:{block.line}: {error}") from None
    return len(blocks)
