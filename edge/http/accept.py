"""Content negotiation (RFC 9110, 12.5.1) where an answer has two forms.

The usual form is JSON. A client gets the other one if it names it and prefers nothing
that JSON is; a wildcard means the usual form.
"""

import re
from collections.abc import Iterable

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


def _weight(parameters: str) -> float:
    found = _WEIGHT.search(parameters)
    return float(found[1]) if found else 1.0
