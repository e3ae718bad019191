"""Whether a rejected row, as it was sent, tells of a person.

It does if it holds the e-mail address, the telephone number, or both names. Texts are
compared without regard to case and to forms of characters, numbers by their digits. A
row that is not in the charset of its file may be in any other: nobody can tell, so it
is taken to hold the person.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Of a telephone number so many last digits are compared: a file may have it without the
# country.
_DIGITS = 8
# So short a text, or a part of a number, names nobody in a longer one.
_SHORT = 5
_LIKE_A_NUMBER = re.compile(r"[0-9\s()+./-]+")
_WORD = re.compile(r"\w+")
# What files are in that give another charset than theirs, or none.
_USUAL = ("utf-8", "cp1252")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_OTHER = re.compile(r"[^0-9]+")


@dataclass(frozen=True, slots=True)
class Person:
    """What a person is found by, in the form in which it is compared.

    `digits` are the last ones of the telephone number, `number` are all of them.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]
    digits: str
    number: str = ""

    def is_in(self, sent: bytes, charset: str) -> bool:
        """Whether a row holds the person. `charset`: as an import gives it."""
        return any(text is None or self._is_in(text) for text in _read(sent, charset))

    def _is_in(self, text: str) -> bool:
        """Whether a text does, in the form in which it is compared."""
        if any(each in text for each in self.texts):
            return True
        if self.names and all(each in text for each in self.names):
            return True
        return bool(self.digits) and self.digits in _OTHER.sub("", text)

    def is_named_by(self, text: str) -> bool:
        """Whether a value that records are compared with names the person.

        Names are compared word by word. So does a long part of the telephone number,
        and one of the e-mail address that is more than its domain.
        """
        told = compared(text)
        is_address = told.find("@") > 0
        for each in self.texts:
            if each == told or (len(each) > _SHORT and each in told):
                return True
            if is_address and told in each:
                return True
        if self.names and self.has_names([text]):
            return True
        digits = _OTHER.sub("", told)
        if self.digits and self.digits in digits:
            return True
        is_part = len(digits) > _SHORT and self.number.endswith(digits)
        return is_part and _LIKE_A_NUMBER.fullmatch(told) is not None

    def has_names(self, texts: Iterable[str]) -> bool:
        """Whether some texts have both names together, or more of them."""
        words = {word for each in texts for word in _WORD.findall(compared(each))}
        return words.issuperset(e for name in self.names for e in _WORD.findall(name))

    def has_a_name(self, text: str) -> bool:
        """Whether a text has one of the names."""
        words = set(_WORD.findall(compared(text)))
        named = (_WORD.findall(each) for each in self.names)
        return any(words.issuperset(each) for each in named if each)


def person_of(email: str, phone: str, names: Sequence[str]) -> Person:
    """A person by what is known of them; "" is what is not known."""
    number = _OTHER.sub("", compared(phone))
    digits = number[-_DIGITS:]
    texts = [compared(each) for each in (email, phone) if each]
    both = [compared(each) for each in names if each]
    return Person(
        tuple(texts),
        tuple(both) if len(both) > 1 else (),
        digits if len(digits) == _DIGITS else "",
        number,
    )


def compared(text: str) -> str:
    """A text in the form in which it is compared."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _read(sent: bytes, charset: str) -> list[str | None]:
    """The texts that a row may be, None for one that cannot be read."""
    known = codecs.lookup(charset or "utf-8").name
    known = "utf-16-le" if known == "utf-16" else known  # its mark is not kept
    charsets = [known]
    if not sent.isascii() and not known.startswith("utf-16"):
        charsets += [each for each in _USUAL if each != known]
    found = list[str | None]()
    for each in charsets:
        try:
            text = sent.decode(each)
        except UnicodeDecodeError:
            if each == known:
                return [None]
            continue
        found.append(compared(text.replace('""', '"')))
        if "\\" in text:
            found.append(compared(_unescaped(text)))
    return found


def _unescaped(text: str) -> str:
    """What JSON escapes in a text, as it is meant."""
    plain = _ESCAPED.sub(
        lambda found: chr(int(found[1], 16)) if found[1] else found[2], text
    )
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
