"""The formats of text fields, and the parsing of times, dates and numbers.

Every pattern takes time in proportion to the length of its text. The length of a text
is checked before it is parsed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.clock import EPOCH
from services.kinds.codes import COUNTRIES, CURRENCIES

_EMAIL = re.compile(r"[^\s@]{1,64}@(?:[^\s@.]+\.)+[^\s@.]+")
_PHONE = re.compile(r"[0-9 +\-.()/#x]{3,32}")
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[Ee][+-]?\d+)?", re.ASCII)
KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SLUG = re.compile(r"[a-z][a-z0-9_]{1,39}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_ADDRESS_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NOT_DIGITS = bytes(set(range(128)) - set(b"0123456789"))
_MICROSECOND = timedelta(microseconds=1)

# A date or a time is never so long, nor has a number so many digits. A longer text is
# refused unparsed.
MOST_CHARACTERS = 1_000
MOST_DIGITS = 65_536


@dataclass(frozen=True, slots=True)
class Form:
    """A format of text: how it is tested, and the fault of a text that fails.

    `normal` converts a text to the form that is stored.
    """

    matches: Callable[[str], object]
    code: FaultCode.ValueType
    message: str
    normal: Callable[[str], str] | None = None


def digits(text: str) -> str:
    """Returns the digits of a telephone number, by which numbers are compared."""
    return text.encode("ascii", "ignore").translate(None, _NOT_DIGITS).decode()


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None and len(digits(text)) >= 3


def _is_http_url(text: str) -> bool:
    if any(character.isspace() or character < " " for character in text):
        return False
    try:
        url = urlsplit(text)
        port_is_fine = url.port is None or url.port >= 0
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.hostname) and port_is_fine


def plain(number: Decimal) -> str:
    """Writes a decimal without an exponent and without trailing zeros."""
    text = format(number, "f") if number else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(text: str) -> Decimal | None:
    """Parses the text of a `google.type.Decimal`.

    None if it is malformed. A number with more than `MOST_DIGITS` digits without an
    exponent, which no field takes, becomes one with that many: to write out the number
    itself could take gigabytes.
    """
    if len(text) > MOST_DIGITS or not _DECIMAL.fullmatch(text):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:  # the exponent is too large
        return None
    if not number:
        return Decimal(0)
    if number.adjusted() > MOST_DIGITS:
        return Decimal((number.is_signed(), (1,), MOST_DIGITS))
    if int(number.as_tuple().exponent) < -MOST_DIGITS:
        return Decimal((number.is_signed(), (1,), -MOST_DIGITS))
    return number


def day(text: str) -> date | None:
    """Parses an ISO 8601 date. None if it is malformed."""
    if len(text) > MOST_CHARACTERS or not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def timestamp(text: str) -> int | None:
    """Parses an RFC 3339 timestamp to a moment. None if it is malformed."""
    if len(text) > MOST_CHARACTERS or not _TIMESTAMP.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return (moment - EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return None


# What systems name so is not in the tz database, or no zone of people.
_OF_SYSTEMS = frozenset(("localtime", "posixrules", "Factory"))


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The names of the time zones, which PostgreSQL knows too."""
    return frozenset(available_timezones()) - _OF_SYSTEMS


def no_such_day(text: str) -> str:
    """Returns what is wrong with a date or time whose day does not exist, else ""."""
    given = text[:10]
    is_day = _DATE.fullmatch(given) is not None and day(given) is None
    return f"There is no day {given}." if is_day else ""


FORMATS = {
    Format.FORMAT_EMAIL: Form(
        _EMAIL.fullmatch,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "Give an e-mail address, e.g. ada@example.com.",
    ),
    Format.FORMAT_PHONE: Form(
        _is_phone,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "Give 3 to 32 of digits, space and + - . ( ) / # x, with at least 3 digits;"
        " write an extension as x12.",
    ),
    Format.FORMAT_COUNTRY: Form(
        COUNTRIES.__contains__,
        FaultCode.FAULT_CODE_INVALID_CHOICE,
        "Give a country of ISO 3166-1 as two upper-case letters, e.g. BR.",
    ),
    Format.FORMAT_CURRENCY: Form(
        CURRENCIES.__contains__,
        FaultCode.FAULT_CODE_INVALID_CHOICE,
        "Give a currency of ISO 4217 as three upper-case letters, e.g. EUR.",
    ),
    Format.FORMAT_HOST: Form(
        _HOST.fullmatch,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "Give a host name, e.g. example.com.",
        str.lower,
    ),
    Format.FORMAT_KEY: Form(
        KEY.fullmatch,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "A key is a letter and up to 63 letters, digits and _, in lower case.",
    ),
    Format.FORMAT_SLUG: Form(
        _SLUG.fullmatch,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "Give the name of a type of record as paths have it, e.g. companies: a letter"
        " and 1 to 39 letters, digits and _, in lower case.",
    ),
    Format.FORMAT_TIME_ZONE: Form(
        lambda text: text in zones(),
        FaultCode.FAULT_CODE_INVALID_CHOICE,
        "Give a time zone as IANA names it, e.g. Europe/Berlin.",
    ),
    Format.FORMAT_CLOCK: Form(
        _CLOCK.fullmatch,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "Give a time of day, 00:00 to 24:00, e.g. 09:30.",
    ),
    Format.FORMAT_ADDRESS_NAME: Form(
        _ADDRESS_NAME.fullmatch,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "Give 1 to 64 lower-case letters, digits and -, e.g. first-call. It begins and"
        " ends with a letter or digit.",
    ),
    Format.FORMAT_HTTP_URL: Form(
        _is_http_url,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "Give an http or https URL, e.g. https://example.com/about.",
    ),
}
