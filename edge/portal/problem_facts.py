"""The facts about each type of problem, for the page at the type's URI."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.problems import PROBLEMS


@dataclass(frozen=True, slots=True)
class Facts:
    """A type of problem: its status and title, and its reasons."""

    slug: str
    statuses: Sequence[tuple[int, str]]
    reasons: Sequence[str]


def all_facts() -> list[Facts]:
    """All types, by their lowest status."""
    slugs = dict.fromkeys(kind.slug for kind in PROBLEMS.values())
    return sorted(map(_facts, slugs), key=lambda facts: (facts.statuses, facts.slug))


def _facts(slug: str) -> Facts:
    rows = {name: kind for name, kind in PROBLEMS.items() if kind.slug == slug}
    return Facts(
        slug=slug,
        statuses=sorted({(kind.status, kind.title) for kind in rows.values()}),
        reasons=tuple(rows),
    )
