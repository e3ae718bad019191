"""The search over all pages: an index made once, and the pages that best fit a query.

A word counts most in a title, less in a heading, least in the text. A word of the query
stands for all that begin with it, whatever their case and accents.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from edge.portal.page import Page, Passage

MOST_CHARACTERS = 200
_MOST_WORDS = 8
_MOST_FORMS = 50  # words of the index that one word of a query may stand for
_MOST_FOUND = 12

_IN_TITLE, _IN_HEADING, _IN_TEXT = 12.0, 5.0, 1.0
_WHOLE = 2.0  # how much better than its beginning a word fits as a whole

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Found:
    """A page that fits, and where in it; `words` are those of the query, folded."""

    page: Page
    passage: Passage
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """The index.

    Attributes:
        entries: Each passage with its page.
        words: All words, in order.
        weights: What a word weighs in each entry that has it, by entry's number.
    """

    entries: Sequence[tuple[Page, Passage]]
    words: Sequence[str]
    weights: Mapping[str, Mapping[int, float]]


def make_index(pages: Sequence[Page]) -> Index:
    """Makes the index of pages."""
    entries = [(page, passage) for page in pages for passage in page.passages]
    weights: dict[str, dict[int, float]] = {}
    for number, (page, passage) in enumerate(entries):
        for word, weight in _weighed(page, passage):
            of_word = weights.setdefault(word, {})
            of_word[number] = max(weight, of_word.get(number, 0))
    return Index(entries, sorted(weights), weights)


def search(index: Index, query: str) -> list[Found]:
    """The pages that fit best, the best one first.

    Pages with all words of the query come alone; where there is none, those with the
    most of them.
    """
    words = query_words(query)
    pages: dict[str, dict[str, float]] = {}
    passages: dict[str, dict[int, float]] = {}
    for word in words:
        for number, weight in _fitting(index, word).items():
            path = index.entries[number][0].path
            of_page = pages.setdefault(path, {})
            of_page[word] = max(weight, of_page.get(word, 0))
            of_passages = passages.setdefault(path, {})
            of_passages[number] = of_passages.get(number, 0) + weight
    most = max(map(len, pages.values()), default=0)
    scores = {
        path: sum(of_page.values()) + max(passages[path].values())
        for path, of_page in pages.items()
        if len(of_page) == most
    }
    best = sorted(scores, key=lambda path: (-scores[path], path))[:_MOST_FOUND]
    return [_found(index, passages[path], words) for path in best]


def query_words(query: str) -> tuple[str, ...]:
    """The words of a query, folded, each once and not without bound."""
    words = dict.fromkeys(_split(query[:MOST_CHARACTERS]))
    return tuple(islice((_stem(word) for word in words), _MOST_WORDS))


def fold(text: str) -> str:
    """Text without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _split(text: str) -> Iterator[str]:
    """The words of a text. What an underscore joins counts in parts as well."""
    for found in _WORD.finditer(fold(text)):
        word = found[0]
        yield word
        if "_" in word:
            yield from filter(None, word.split("_"))


def _stem(word: str) -> str:
    """A plural finds its singular, which finds it anyway."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _weighed(page: Page, passage: Passage) -> Iterator[tuple[str, float]]:
    for word in _split(passage.text):
        yield word, _IN_TEXT
    for word in _split(passage.title):
        yield word, _IN_HEADING
    if not passage.anchor:  # the first one stands for the page
        for word in _split(page.title):
            yield word, _IN_TITLE


def _fitting(index: Index, word: str) -> Mapping[int, float]:
    """What a word of a query weighs in each entry that has one like it."""
    best: dict[int, float] = {}
    start = bisect_left(index.words, word)
    for form in index.words[start : start + _MOST_FORMS]:
        if not form.startswith(word):
            break
        factor = _WHOLE if form in (word, f"{word}s") else 1.0
        for number, weight in index.weights[form].items():
            best[number] = max(weight * factor, best.get(number, 0))
    return best


def _found(index: Index, weights: Mapping[int, float], words: tuple[str, ...]) -> Found:
    number = min(weights, key=lambda each: (-weights[each], each))
    page, passage = index.entries[number]
    return Found(page, passage, words)
