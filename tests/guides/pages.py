"""A guide as its blocks of code. A block that follows a runnable one is its answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

GUIDES = Path(__file__).parents[2] / "docs" / "guides"

RUNNABLE = ("sh", "python")
# What runs nowhere: commands of other programs, bodies and forms shown alone.
LANGUAGES = (*RUNNABLE, "json", "http", "text", "console", "proto", "typescript", "go")

_ANSWERS = ("json", "http", "text")
_FENCE = re.compile(r"```(\w*)$")
_FILE_NAME = re.compile(r"# (\w+\.py)\n")
_REFUSAL = re.compile(
    r"HTTP/1\.1 [45]\d\d|\"status\": [45]\d\d|^(\S+ )?[45]\d\d$", re.MULTILINE
)


class GuideError(Exception):
    """A page that does not keep its word; the text begins with page and line."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `line` is that of its fence, the first of the page being 1."""

    line: int
    language: str
    text: str
    answer: "Block | None" = None

    @property
    def runs(self) -> bool:
        """Whether it is run."""
        return self.language in RUNNABLE

    @property
    def shows_refusal(self) -> bool:
        """Whether its answer is one of status 400 or more."""
        return self.answer is not None and bool(_REFUSAL.search(self.answer.text))

    @property
    def file_name(self) -> str:
        """The name of the program that it is; empty when it is run as it stands."""
        found = _FILE_NAME.match(self.text) if self.language == "python" else None
        return found[1] if found else ""


def pages() -> list[Path]:
    """All guides."""
    return sorted(GUIDES.rglob("*.md"))


def name_of(page: Path) -> str:
    """A guide's path below the guides, which is also its id in tests."""
    return str(page.relative_to(GUIDES)) if page.is_relative_to(GUIDES) else page.name


def blocks_of(page: Path) -> Sequence[Block]:
    """The blocks of a page in order, each runnable one with its answer."""
    found: list[Block] = []
    follows = False  # nothing but empty lines since the last block
    for each in _parts(page):
        if isinstance(each, str):
            follows = follows and not each
            continue
        last = found[-1] if found else None
        if last and follows and last.runs and each.language in _ANSWERS:
            found[-1] = Block(last.line, last.language, last.text, each)
            follows = False
        else:
            found.append(each)
            follows = True
    return found


def prose_of(page: Path) -> str:
    """The text of a page without its blocks."""
    return "\n".join(each for each in _parts(page) if isinstance(each, str))


def _parts(page: Path) -> Iterator[str | Block]:
    """Lines of prose, and blocks, in order."""
    inside: list[str] | None = None
    opened, language = 0, ""
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = _FENCE.match(line)
        if inside is None and fence:
            inside, opened, language = [], number, fence[1]
        elif inside is not None and fence:
            if fence[1]:
                raise GuideError(f"{name_of(page)}:{number}: a block within a block")
            yield Block(opened, language, "\n".join([*inside, ""]))
            inside = None
        elif inside is not None:
            inside.append(line)
        else:
            yield line
    if inside is not None:
        raise GuideError(f"{name_of(page)}:{opened}: a block that does not end")
