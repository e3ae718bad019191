"""Search results in groups: guides, operations of the reference, problems."""

from collections.abc import Iterable

from edge.portal.search import Found
from edge.web.addresses import PROBLEMS, REFERENCE

GUIDES, OPERATIONS, OF_PROBLEMS = "Guides", "Operations", "Problems"
MOST = {GUIDES: 6, OPERATIONS: 6, OF_PROBLEMS: 4}


def grouped(found: Iterable[Found]) -> list[tuple[str, list[Found]]]:
    """The results by group, each with its best.

    Args:
        found: The results, the best one first.

    Returns:
        The groups that have any, the one with the best result first.
    """
    groups: dict[str, list[Found]] = {}
    for each in found:
        name = _group(each.page.path)
        group = groups.setdefault(name, [])
        if len(group) < MOST[name]:
            group.append(each)
    return list(groups.items())


def _group(path: str) -> str:
    if path.startswith(f"{PROBLEMS}/"):
        return OF_PROBLEMS
    return OPERATIONS if path.startswith(REFERENCE) else GUIDES
