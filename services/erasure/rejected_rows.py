"""Whether a rejected row, as it was sent, tells of a person.

It does if it holds the e-mail address, the telephone number, or both names. A row that
is not in the charset of its file may be in any other: nobody can tell, so it is taken
to hold the person.
"""

import codecs
import re

from services.erasure.person import Person, compared

# What files are in that give another charset than theirs, or none.
_USUAL = ("utf-8", "cp1252")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
# What JSON writes with a letter: none of these is a part of a word.
_BLANKS = frozenset("bfnrt")


def is_in(person: Person, sent: bytes, charset: str) -> bool:
    """Whether a row holds a person. `charset`: as an import gives it."""
    return any(text is None or person.is_in(text) for text in _read(sent, charset))


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
    plain = _ESCAPED.sub(_meant, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _meant(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return " " if found[2] in _BLANKS else found[2]
