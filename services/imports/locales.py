"""How people write numbers and dates, by language and country."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Locale:
    """The marks in numbers, and the order of the parts of a date: `dmy`, `mdy`, `ymd`.

    `grouping` are the characters that may stand between groups of three digits.
    """

    point: str
    grouping: str
    order: str


_BLANKS = " \u00a0\u202f"

_GERMAN = Locale(",", "." + _BLANKS, "dmy")
_SWISS = Locale(".", "'\u2019" + _BLANKS, "dmy")
_FRENCH = Locale(",", _BLANKS + ".", "dmy")
_BRITISH = Locale(".", "," + _BLANKS, "dmy")
_AMERICAN = Locale(".", "," + _BLANKS, "mdy")
_SWEDISH = Locale(",", _BLANKS + ".", "ymd")
_EASTERN = Locale(".", ",", "ymd")

# What is read without a locale: ISO dates, and numbers with a decimal point.
PLAIN = Locale(".", "", "ymd")

LOCALES: Mapping[str, Locale] = MappingProxyType(
    {
        **dict.fromkeys(("en-US", "en-PH"), _AMERICAN),
        **dict.fromkeys(
            ("en-GB", "en-AU", "en-NZ", "en-IE", "en-IN", "en-ZA", "en-SG", "es-MX"),
            _BRITISH,
        ),
        "en-CA": Locale(".", "," + _BLANKS, "ymd"),
        **dict.fromkeys(
            ("de-DE", "de-AT", "es-ES", "it-IT", "nl-NL", "nl-BE", "pt-BR", "da-DK"),
            _GERMAN,
        ),
        **dict.fromkeys(
            ("tr-TR", "id-ID", "el-GR", "ro-RO", "hr-HR", "es-AR"), _GERMAN
        ),
        **dict.fromkeys(("de-CH", "fr-CH", "it-CH", "de-LI"), _SWISS),
        **dict.fromkeys(
            ("fr-FR", "fr-BE", "pl-PL", "cs-CZ", "sk-SK", "fi-FI", "nb-NO", "pt-PT"),
            _FRENCH,
        ),
        **dict.fromkeys(("ru-RU", "uk-UA", "bg-BG"), _FRENCH),
        **dict.fromkeys(("sv-SE", "lt-LT", "hu-HU", "fr-CA"), _SWEDISH),
        **dict.fromkeys(("ja-JP", "zh-CN", "zh-TW", "ko-KR"), _EASTERN),
    }
)
