"""Runs a page from its first block to its last, as a reader would who types it in."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.guides.answers import compare
from tests.guides.matching import Known, MismatchError
from tests.guides.pages import Block, GuideError, blocks_of, name_of
from tests.guides.sessions import Session

_ROOT = Path(__file__).parents[2]

# What the guides call the server, the services, the tenant and a token.
EXAMPLE_HTTP = "127.0.0.1:8080"
EXAMPLE_GRPC = "127.0.0.1:50051"
EXAMPLE_TENANT = "demo"
EXAMPLE_TOKEN = "pcp_..."


@dataclass(frozen=True, slots=True)
class Reader:
    """Who follows a page: the addresses of their server, their tenant and token."""

    http: str
    grpc: str
    tenant: str
    token: str
    folder: Path
    more: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What is set when a page begins, so that it need not begin with it."""
        return {
            **os.environ,
            "API": f"http://{self.http}/v1",
            "TOKEN": self.token,
            "PYTHONPATH": f"{_ROOT}:{_ROOT / 'gen'}",
            **self.more,
        }

    def own(self, text: str) -> str:
        """A command with their own addresses and token in place of the examples'."""
        text = text.replace(EXAMPLE_HTTP, self.http)
        return text.replace(EXAMPLE_GRPC, self.grpc).replace(EXAMPLE_TOKEN, self.token)

    def examples(self, output: str) -> str:
        """An output with the examples' names in place of their own."""
        output = output.replace(self.http, EXAMPLE_HTTP)
        return output.replace(self.tenant, EXAMPLE_TENANT)


def run_page(page: Path, reader: Reader) -> int:
    """Runs a page and returns how many blocks were run.

    Raises GuideError: a block failed, or its answer is another one than is shown.
    """
    known, ran = Known(), 0
    with ExitStack() as opened:
        sessions: dict[str, Session] = {}
        for block in blocks_of(page):
            if not block.runs:
                continue
            ran += 1
            if block.file_name:
                _save(block, reader)
                continue
            if block.language not in sessions:
                made = Session(block.language, reader.folder, reader.environment())
                sessions[block.language] = made
                opened.callback(made.close)
            try:
                _run(block, sessions[block.language], reader, known)
            except (GuideError, MismatchError) as error:
                raise GuideError(f"{name_of(page)}:{block.line}: {error}") from None
    return ran


def _run(block: Block, session: Session, reader: Reader, known: Known) -> None:
    # A line of the source is a line of the page, which a traceback then names.
    padding = "\n" * block.line if block.language == "python" else ""
    source = padding + known.real(reader.own(block.text))
    output = reader.examples(session.run(source, block.shows_refusal))
    if block.answer:
        compare(block.answer, output, known)


def _save(block: Block, reader: Reader) -> None:
    (reader.folder / block.file_name).write_text(reader.own(block.text))
