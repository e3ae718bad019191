"""What a person is found by in texts: an e-mail address, a telephone number, names.

Texts are compared without regard to case and to forms of characters, numbers by their
digits. Both names must be there, each as often as the person has it. A name without
letters, digits or pictures finds nobody, and then the other one does not either.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Of a telephone number so many last digits are compared: a file may have it without the
# country.
_DIGITS = 8
# So short a text, or a part of a number, names nobody in a longer one.
_SHORT = 5
_LIKE_A_NUMBER = re.compile(r"[0-9\s()+./-]+")
_WORD = re.compile(r"\w+")
_OTHER = re.compile(r"[^0-9]+")


@dataclass(frozen=True, slots=True)
class Person:
    """What a person is found by, in the form in which it is compared.

    `names` are the words of each name. `digits` are the last ones of the telephone
    number, `number` are all of them.
    """

    texts: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    digits: str
    number: str = ""

    def is_in(self, told: str) -> bool:
        """Whether a text has the person; it is in the form in which it is compared."""
        return self.has_address(told) or self._has_both_names(told)

    def is_told_by(self, texts: Iterable[str]) -> bool:
        """Whether some texts that belong together have the person."""
        every = [compared(each) for each in texts]
        if any(self.has_address(each) for each in every):
            return True
        return self._has_both_names("\n".join(every))

    def is_named_by(self, text: str, *, is_whole: bool = False) -> bool:
        """Whether a value that records are compared with names the person.

        Names are compared word by word. So does a long part of the telephone number,
        and one of the e-mail address that is more than its domain. `is_whole`: the
        value is compared as a whole, so an address in it is that of one person.
        """
        told = compared(text)
        at = told.find("@")
        is_part_of_address = at > 0 and not (is_whole and "." in told[at:])
        for each in self.texts:
            if each == told or (len(each) > _SHORT and _stands_in(each, told)):
                return True
            if is_part_of_address and told in each:
                return True
        if self.has_names([text]):
            return True
        digits = _OTHER.sub("", told)
        if self.digits and self.digits in digits:
            return True
        is_part = len(digits) > _SHORT and self.number.endswith(digits)
        return is_part and _LIKE_A_NUMBER.fullmatch(told) is not None

    def has_names(self, texts: Iterable[str]) -> bool:
        """Whether some texts have both names together, or more of them."""
        words = Counter(word for each in texts for word in words_of(compared(each)))
        return bool(self.names) and words >= self._words

    def has_a_name(self, text: str) -> bool:
        """Whether a text has one of the names."""
        words = Counter(words_of(compared(text)))
        return any(words >= Counter(each) for each in self.names)

    @property
    def _words(self) -> Counter[str]:
        return Counter(word for name in self.names for word in name)

    def has_address(self, told: str) -> bool:
        """Whether a text has the e-mail address or the telephone number."""
        if any(len(each) > _SHORT and _stands_in(each, told) for each in self.texts):
            return True
        return bool(self.digits) and self.digits in _OTHER.sub("", told)

    def _has_both_names(self, told: str) -> bool:
        """Whether a text has both names; long words also within longer ones."""
        words = self._words
        if not words or not all(each in told for each in words):
            return False
        found = Counter(words_of(told))
        return all(
            (found[each] if len(each) < _SHORT else told.count(each)) >= number
            for each, number in words.items()
        )


def person_of(email: str, phone: str, names: Sequence[str]) -> Person:
    """A person by what is known of them; "" is what is not known."""
    number = _OTHER.sub("", compared(phone))
    digits = number[-_DIGITS:]
    texts = [compared(each) for each in (email, phone) if each]
    both = [words for each in names if (words := tuple(words_of(compared(each))))]
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


def words_of(told: str) -> list[str]:
    """The words of a text in the form in which it is compared.

    A picture, such as an emoji, is a word as well: it may be all that a name has. A
    mark belongs to its letter.
    """
    if told.isascii():
        return [each for each in _WORD.findall(told) if each.strip("_")]
    kept = "".join(each if _is_of_word(each) else " " for each in told)
    return [each for each in kept.split() if any(map(_is_letter, each))]


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) == "So"


def _is_of_word(character: str) -> bool:
    if character == "_" or _is_letter(character):
        return True
    return unicodedata.category(character).startswith("M")


def _stands_in(part: str, told: str) -> bool:
    """Whether a text has an address or a number that is not a part of another one."""
    at = told.find(part)
    while at >= 0:
        before, after = told[at - 1 : at], told[at + len(part) :][:2]
        is_longer = before.isalnum() or (before != "" and before in "._+-")
        if after[:1] in (".", "-"):
            after = after[1:]
        if not is_longer and not (after[:1].isalnum() or after[:1] == "_"):
            return True
        at = told.find(part, at + 1)
    return False
