"""The formats of text as regular expressions of JSON Schema (ECMA 262).

They say what `formats.py` accepts. What such an expression cannot say is left out:
which characters beyond ASCII are letters, which of them stand for others, and which
IPv6 addresses a URL may have.
"""

from collections.abc import Mapping
from types import MappingProxyType

from prospectconnect.options.v1.options_pb2 import Format

from services.kinds.codes import COUNTRIES, CURRENCIES
from services.kinds.formats import zones

# A letter or digit, or any character beyond ASCII. A negated class needs no flag for
# characters that are two units of UTF-16.
_LETTER = r"[^\x00-/:-@\[-`{-\x7f]"
_INNER = r"[^\x00-,./:-@\[-^`{-\x7f]"
_LABEL = rf"{_LETTER}(?:{_INNER}{{0,61}}{_LETTER})?"
# White space and control characters, which no URL holds.
_NONE = r"\s\x00-\x1f"
_PORT = (
    "0*(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]"
    "|6553[0-5])"
)
_AUTHORITY = (
    rf"(?:[^{_NONE}/?#\[\]]*@)?(?:[^{_NONE}/?#@:\[\]]+|\[[0-9A-Fa-f:.]+\])"
    rf"(?::(?:{_PORT})?)?"
)


def _one_of(codes: frozenset[str]) -> str:
    return f"^(?:{'|'.join(sorted(codes))})$"


PATTERNS: Mapping[int, str] = MappingProxyType(
    {
        Format.FORMAT_EMAIL: r"^[^\s@]{1,64}@(?:[^\s@.]+\.)+[^\s@.]+$",
        Format.FORMAT_PHONE: (r"^(?=(?:[^0-9]*[0-9]){3})[0-9 +\-.()\/#x]{3,32}$"),
        Format.FORMAT_COUNTRY: _one_of(COUNTRIES),
        Format.FORMAT_CURRENCY: _one_of(CURRENCIES),
        Format.FORMAT_HOST: rf"^(?:{_LABEL}\.)+{_LABEL}$",
        Format.FORMAT_HTTP_URL: (
            rf"^[Hh][Tt][Tt][Pp][Ss]?:\/\/{_AUTHORITY}(?:[\/?#][^{_NONE}]*)?$"
        ),
        Format.FORMAT_KEY: "^[a-z][a-z0-9_]{0,63}$",
        Format.FORMAT_SLUG: "^[a-z][a-z0-9_]{1,39}$",
        Format.FORMAT_TIME_ZONE: _one_of(zones()).replace("+", r"\+"),
        Format.FORMAT_CLOCK: "^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        Format.FORMAT_ADDRESS_NAME: "^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$",
    }
)


def of_id(prefix: str) -> str:
    """The form of an id with a prefix; "" for an id of a kind that is not known."""
    return f"^{prefix or '[a-z]+_'}[0-9a-f]{{24}}$"
