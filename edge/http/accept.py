"""Content negotiation (RFC 9110, 12.5.1) where an answer has several forms.

The usual form is JSON. A client gets another one if it names it and prefers nothing
that JSON is; a wildcard that JSON fits means the usual form.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

JSON = "application/json"

_RANGE = re.compile(r"([^\s;,]+)\s*((?:;[^,]*)?)", re.ASCII)
_WEIGHT = re.compile(r";\s*q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?)\s*(?:;|$)", re.I | re.A)


def prefers(accepted: Iterable[str], media_type: str) -> bool:
    """Whether a client wants a media type instead of JSON, by its `Accept` headers."""
    weights = {
        found[1].lower(): _weight(found[2])
        for line in accepted
        for found in _RANGE.finditer(line)
    }
    wanted = weights.get(media_type, 0.0)
    return wanted > 0 and wanted >= weights.get(JSON, 0.0)


def choose(accepted: Iterable[str], others: Sequence[str]) -> str | None:
    """The media type that a client wants: JSON, one of the others, or none of them."""
    lines = [line for line in accepted if line.strip(" \t,")]
    if not lines:
        return JSON
    weights = {
        found[1].lower(): _weight(found[2])
        for line in lines
        for found in _RANGE.finditer(line)
    }
    # Of equal ones the first is given: the others where they are named, JSON before
    # them where a wildcard stands for both.
    best, chosen = (0.0, 0, False), None
    for offer in (JSON, *others):
        weight, exact = _fit(offer, weights)
        fit = weight, exact, exact == 2 and offer != JSON
        if weight and fit > best:
            best, chosen = fit, offer
    return chosen


def _fit(offer: str, weights: Mapping[str, float]) -> tuple[float, int]:
    """The weight of a media type, and how exactly it is named."""
    names = (offer, f"{offer.partition('/')[0]}/*", "*/*")
    for exact, name in zip((2, 1, 0), names, strict=True):
        if name in weights:
            return weights[name], exact
    return 0.0, 0


def _weight(parameters: str) -> float:
    found = _WEIGHT.search(parameters)
    return float(found[1]) if found else 1.0
