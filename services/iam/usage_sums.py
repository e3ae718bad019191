"""Sums up usage: the database's groups as outcomes by day, operation and holder."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from prospectconnect.iam.v1.usage_pb2 import Outcomes

from services.iam.holders import Pair

MOST_LISTED = 20

# Problems that are not the client's fault.
_OWN_OUTCOME: Mapping[str, str] = {
    "": "good",
    "rate-limited": "limited",
    "server-error": "server_errors",
}

Key = TypeVar("Key", str, Pair)


def _none() -> Any:
    return defaultdict(Outcomes)


@dataclass(frozen=True, slots=True)
class Sums:
    """Outcomes by day, operation, user and holder. A missing key has no requests."""

    days: defaultdict[date, Outcomes] = field(default_factory=_none)
    operations: defaultdict[str, Outcomes] = field(default_factory=_none)
    holders: defaultdict[Pair, Outcomes] = field(default_factory=_none)
    problems: Counter[str] = field(default_factory=Counter)


def sum_up(rows: Iterable[Any]) -> Sums:
    """Sums up rows of day, operation, user, holder, problem and requests.

    Each row belongs to one grouping; the columns of other groupings are empty.
    """
    sums = Sums()
    for day, operation, user_id, holder_id, problem, requests in rows:
        if day is not None:
            _add(sums.days[day], problem, requests)
            if problem:
                sums.problems[problem] += requests
        elif operation is not None:
            _add(sums.operations[operation], problem, requests)
        else:
            _add(sums.holders[user_id, holder_id], problem, requests)
    return sums


def most(groups: Mapping[Key, Outcomes]) -> list[Key]:
    """Returns the keys with the most requests, the highest first."""
    ordered = sorted(groups, key=lambda key: (-_total(groups[key]), key))
    return ordered[:MOST_LISTED]


def _add(outcomes: Outcomes, problem: str, requests: int) -> None:
    name = _OWN_OUTCOME.get(problem, "client_errors")
    setattr(outcomes, name, getattr(outcomes, name) + requests)


def _total(outcomes: Outcomes) -> int:
    failed = outcomes.client_errors + outcomes.limited + outcomes.server_errors
    return outcomes.good + failed
