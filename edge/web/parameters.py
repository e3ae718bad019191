"""The parameters of OAuth, in a query or a form; each comes at most once.

All endpoints use this one parser, so that none reads a parameter differently.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from edge.problems import ProblemError

MOST = 100

# The only parameter that may be repeated (RFC 8707, section 2).
_SEVERAL = "resource"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Decoded parameters. One without a value counts as absent (RFC 6749, 3.1).

    Attributes:
        values: The first value of each.
        resources: All values of `resource`.
        repeated: The sorted names of parameters that were repeated but must not be.
    """

    values: Mapping[str, str]
    resources: tuple[str, ...]
    repeated: tuple[str, ...]

    def get(self, name: str) -> str:
        """The value of a parameter; empty if it is absent."""
        return self.values.get(name, "")


def read_parameters(encoded: bytes) -> Parameters:
    """Reads `application/x-www-form-urlencoded`.

    Raises:
        ProblemError: BAD_REQUEST if it is not UTF-8, or has too many parameters.
    """
    pairs = [_pair(part) for part in encoded.split(b"&", MOST) if part]
    if len(pairs) > MOST:
        raise ProblemError("BAD_REQUEST", f"There are more than {MOST} parameters.")
    values: dict[str, str] = {}
    for name, value in pairs:
        if value:
            values.setdefault(name, value)
    times = Counter(name for name, _ in pairs)
    return Parameters(
        values=values,
        resources=tuple(value for name, value in pairs if name == _SEVERAL and value),
        repeated=tuple(sorted(n for n in times if times[n] > 1 and n != _SEVERAL)),
    )


def _pair(part: bytes) -> tuple[str, str]:
    name, _, value = part.partition(b"=")
    return _decoded(name), _decoded(value)


def _decoded(text: bytes) -> str:
    try:
        return unquote_to_bytes(text.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise ProblemError("BAD_REQUEST", "A parameter is not UTF-8.") from None
