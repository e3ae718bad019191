"""The search over all pages: an index that is made once, and the ranking of pages.

A word counts most in a title, less in a heading, and least in the text. A word of the
query matches all words that begin with it; case and accents do not matter. Words that
other products use lead to ours, after the pages that have the word itself. A word that
no page has is taken for a misspelt one.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from edge.documentation.page import Page, Passage
from edge.portal.spelling import corrected
from edge.portal.synonyms import OURS, said_otherwise

MOST_CHARACTERS = 200
_MOST_WORDS = 8
_MOST_FORMS = 50  # words of the index that one word of a query may match
MOST_FOUND = 12

_IN_TITLE, _IN_HEADING, _IN_TEXT = 12.0, 5.0, 1.0
_CLOSE = 0.1
_WHOLE = 2.0  # the factor for a match of a whole word, not only of its beginning

_WORD = re.compile(r"\w+")

_OTHER_WORD = 0.5  # the factor for a match of our word instead of the query's
_SHORTEST = 4  # the letters from which the beginning of such a word counts


@dataclass(frozen=True, slots=True)
class Found:
    """A page that matches, with its passage.

    `words` are the query's, folded, and our words for them.
    """

    page: Page
    passage: Passage
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Words in order; for each, its weight by the number of the page or passage."""

    words: Sequence[str]
    weights: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Index:
    """The index: pages by the words of their titles, passages by those of their texts.

    Each of `passages` has the number of its page.
    """

    pages: Sequence[Page]
    passages: Sequence[tuple[int, Passage]]
    titles: Table
    texts: Table


@dataclass(frozen=True, slots=True)
class _Hits:
    """The matches in a page: the weights of each word, and of its passages."""

    words: dict[str, float] = field(default_factory=dict)
    passages: dict[int, float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        # Among pages with equal weights, those with the words close together win.
        close = max(self.passages.values(), default=0)
        return sum(self.words.values()) + close * _CLOSE


def make_index(pages: Sequence[Page]) -> Index:
    """Makes the index of pages."""
    passages = [(at, each) for at, page in enumerate(pages) for each in page.passages]
    titles = (
        (word, at, _IN_TITLE)
        for at, page in enumerate(pages)
        for word in _split(page.title)
    )
    texts = (_weighed(at, passage) for at, (_, passage) in enumerate(passages))
    return Index(pages, passages, _table(titles), _table(chain.from_iterable(texts)))


def search(index: Index, query: str, most: int = MOST_FOUND) -> list[Found]:
    """The `most` pages that fit best, the best one first.

    If pages have all words of the query, it returns only those; else the pages with
    the most of them.
    """
    words = spelt(index, query_words(query))
    hits: defaultdict[int, _Hits] = defaultdict(_Hits)
    for word in words:
        _look_for(index, word, hits)
    fullest = max((len(each.words) for each in hits.values()), default=0)
    full = [at for at, each in hits.items() if len(each.words) == fullest]
    best = sorted(full, key=lambda at: (-hits[at].score, at))[:most]
    return [_found(index, at, hits[at], words) for at in best]


def query_words(query: str) -> tuple[str, ...]:
    """The words of a query, folded, without duplicates; their number is bounded."""
    words = dict.fromkeys(_split(said_otherwise(fold(query[:MOST_CHARACTERS]))))
    return tuple(islice((_stem(word) for word in words), _MOST_WORDS))


def spelt(index: Index, words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a query, with a likely word of ours for each that no page has."""
    return tuple(dict.fromkeys(_spelt(index, word) for word in words))


def _spelt(index: Index, word: str) -> str:
    if _fitting_any(index.titles, word) or _fitting_any(index.texts, word):
        return word
    for table in (index.titles, index.texts):
        weights = table.weights
        if found := corrected(word, table.words, lambda form: len(weights[form])):  # noqa: B023 - called at once
            return _stem(found)
    return word


def fold(text: str) -> str:
    """Text without case and accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _split(text: str) -> Iterator[str]:
    """The words of a text. A word with underscores counts as its parts, too."""
    for found in _WORD.finditer(fold(text)):
        word = found[0]
        yield word
        if "_" in word:
            yield from filter(None, word.split("_"))


def _stem(word: str) -> str:
    """A plural without its ending, so that it also matches the singular."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _weighed(at: int, passage: Passage) -> Iterator[tuple[str, int, float]]:
    for word in chain(_split(passage.text), _split(passage.code)):
        yield word, at, _IN_TEXT
    for word in _split(passage.title):
        yield word, at, _IN_HEADING


def _table(weighed: Iterable[tuple[str, int, float]]) -> Table:
    weights: dict[str, dict[int, float]] = {}
    for word, at, weight in weighed:
        of_word = weights.setdefault(word, {})
        of_word[at] = max(weight, of_word.get(at, 0))
    return Table(sorted(weights), weights)


def _look_for(index: Index, word: str, hits: defaultdict[int, _Hits]) -> None:
    """Adds the matches of a word.

    A match in the page's title does not select a passage.
    """
    titled = _fitting_any(index.titles, word)
    for page, weight in titled.items():
        hits[page].words[word] = weight
    for at, weight in _fitting_any(index.texts, word).items():
        found = hits[index.passages[at][0]]
        found.words[word] = max(weight, found.words.get(word, 0))
        if index.passages[at][0] not in titled:
            found.passages[at] = found.passages.get(at, 0) + weight


def _fitting_any(table: Table, word: str) -> Mapping[int, float]:
    """The weight of a query's word or, if less, of our words for it."""
    best = dict(_fitting(table, word))
    for ours in _ours(word):
        for at, weight in _fitting(table, ours).items():
            best[at] = max(weight * _OTHER_WORD, best.get(at, 0))
    return best


def _ours(word: str) -> set[str]:
    """Our words for a word. The query may have only the beginning of the word."""
    found = set(OURS.get(word, ()))
    if len(word) >= _SHORTEST:
        for other, ours in OURS.items():
            if other.startswith(word):
                found.update(ours)
    return found


def _fitting(table: Table, word: str) -> Mapping[int, float]:
    """The weight of a query's word, by the number of the page or passage."""
    best: dict[int, float] = {}
    start = bisect_left(table.words, word)
    for form in table.words[start : start + _MOST_FORMS]:
        if not form.startswith(word):
            break
        factor = _WHOLE if form in (word, f"{word}s") else 1.0
        for at, weight in table.weights[form].items():
            best[at] = max(weight * factor, best.get(at, 0))
    return best


def _found(index: Index, page: int, hits: _Hits, words: tuple[str, ...]) -> Found:
    """The page with its best passage; the first if only the title matches."""
    weights = hits.passages
    best = min(weights, key=lambda at: (-weights[at], at), default=None)
    found = index.pages[page]
    passage = found.passages[0] if best is None else index.passages[best][1]
    ours = sorted(set().union(*map(_ours, words)) - {*words})
    return Found(found, passage, (*words, *ours))
