"""Corrects misspelt words of a query by the words of the pages.

A word is corrected only if no page has it. One letter may be wrong, missing, too many,
or swapped with its neighbour; in a long word, two. Its first letter is taken as right
where two are wrong, so that few words are compared.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from string import ascii_lowercase, digits

_SHORTEST = 4  # letters from which a word is corrected
_LONG = 8  # letters from which two of them may be wrong
_LONGEST = 24  # letters; no word of ours is longer but for identifiers
_LETTERS = ascii_lowercase + digits


def corrected(
    word: str, words: Sequence[str], weight: Callable[[str], int]
) -> str | None:
    """The most probable word for a misspelt one; None if there is none.

    Args:
        word: The word, folded.
        words: The words of the pages, in order.
        weight: In how many places a word of the pages is.
    """
    if not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha():
        return None
    begun = {form: _begins(words, form) for form in _edits(word)}
    near = [each for form, each in begun.items() if each and each in (form, f"{form}s")]
    if not near:
        near = [each for form, each in begun.items() if each and len(form) >= _LONG]
    if not near and len(word) >= _LONG:
        near = [form for form in _of_letter(words, word[0]) if _is_near(word, form)]
    # Letters are more often forgotten or swapped than others typed.
    return max(near, key=lambda form: (weight(form), form), default=None)


def _begins(words: Sequence[str], form: str) -> str | None:
    """The first word that begins with a form."""
    at = bisect_left(words, form)
    found = at < len(words) and words[at].startswith(form)
    return words[at] if found else None


def _edits(word: str) -> Iterator[str]:
    """All texts that differ by one letter; about 70 for each letter of the word."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in _LETTERS:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]


def _of_letter(words: Sequence[str], letter: str) -> Sequence[str]:
    start = bisect_left(words, letter)
    return words[start : bisect_left(words, letter + "\U0010ffff", start)]


def _is_near(word: str, form: str) -> bool:
    """Whether at most two letters are wrong, missing or too many."""
    if abs(len(word) - len(form)) > 2 or len({*word} ^ {*form}) > 4:
        return False
    row = list(range(len(form) + 1))
    for at, letter in enumerate(word, 1):
        last, row = row, [at]
        for to, other in enumerate(form, 1):
            changed = last[to - 1] + (letter != other)
            row.append(min(changed, last[to] + 1, row[to - 1] + 1))
        if min(row) > 2:
            return False
    return row[-1] <= 2
