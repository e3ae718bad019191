"""JSON as guides show it: `...` stands for what is left out.

In an object it is any members more, in an array any elements more, after a colon any
value.
"""

import json
import re
from typing import Any

# As a member's name, as the last element, and as a value.
GAP = "\0..."

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\.\.\.|[\[\]{}:,]|[^\s"\[\]{}:,.]+(?:\.\d+)?')


def parse(text: str) -> Any:
    """The value, with GAP where something is left out. Raises ValueError."""
    written: list[str] = []
    depths: list[str] = []
    for token in _TOKEN.findall(text):
        if token in ("{", "["):
            depths.append(token)
        elif token in ("}", "]"):
            depths.pop()
        written.append(_gap(depths, written) if token == "..." else token)
    return json.loads(" ".join(written))


def _gap(depths: list[str], written: list[str]) -> str:
    name = json.dumps(GAP)
    if depths and depths[-1] == "{" and written[-1] != ":":
        return f"{name}: 0"
    return name
