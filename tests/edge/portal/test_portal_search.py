"""The search: what comes first, what is marked, and what no query can do."""

import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.documentation.page import Page, Passage
from edge.portal.grouping import MOST, grouped
from edge.portal.search import (
    MOST_CHARACTERS,
    Found,
    Index,
    make_index,
    query_words,
    search,
    spelt,
)
from edge.portal.snippet import mark, snippet
from edge.portal.spelling import corrected
from edge.portal.synonyms import OURS, said_otherwise


def page(name: str, *passages: Passage) -> Page:
    return Page(f"/docs/{name}", name, "", "", "", (), passages, "")


def at(path: str) -> Page:
    return Page(path, path, "", "", "", (), (), "")


@pytest.fixture(scope="module")
def index() -> Index:
    text = Passage("", "", "Nothing here about quotas, only in passing.")
    return make_index(
        [
            page("Other", text, Passage("more", "More", "A quota in the text.")),
            page("Headed", Passage("", "", "x"), Passage("q", "Quotas", "y")),
            page("Quota", Passage("", "", "How much is left.")),
            page("Café", Passage("", "", "STRASSE, deal_stage, Idempotent-Replayed")),
        ]
    )


def paths(index: Index, query: str) -> list[str]:
    return [found.page.title for found in search(index, query)]


def test_titles_come_before_headings_and_those_before_text(index: Index) -> None:
    assert paths(index, "quota") == ["Quota", "Headed", "Other"]
    assert paths(index, "Quotas") == ["Quota", "Headed", "Other"]


def test_a_result_leads_to_the_passage(index: Index) -> None:
    (found,) = search(index, "quota headed")
    assert found.passage.anchor == "q"


@pytest.mark.parametrize(
    "query", ["cafe", "CAFÉ", "straße", "stage", "deal_st", "idempotent-replayed"]
)
def test_words_are_folded_and_may_be_cut_short(index: Index, query: str) -> None:
    assert paths(index, query) == ["Café"]


def test_the_most_words_win_where_no_page_has_all(index: Index) -> None:
    assert paths(index, "much left zebra") == ["Quota"]


@pytest.mark.parametrize("query", ["", " ", "zebra", "%", "()[", "\x00", "🦓", "_" * 9])
def test_what_is_nowhere_is_not_found(index: Index, query: str) -> None:
    assert search(index, query) == []


def test_a_query_is_bounded(index: Index) -> None:
    assert len(query_words(" ".join(f"w{number}" for number in range(100)))) == 8
    assert query_words("a" * 1_000_000) == ("a" * MOST_CHARACTERS,)
    many = make_index([page(f"q{number}", Passage("", "", "")) for number in range(99)])
    assert len(search(many, "q")) < 20


def test_snippets_show_where_the_word_stands() -> None:
    text = f"{'before ' * 50}the <b>Limits</b> of it{' after' * 50}"
    parts = snippet(Passage("", "", text), ("limit",))
    assert [part.text for part in parts if part.marked] == ["Limits"]
    shown = "".join(part.text for part in parts)
    assert shown.startswith("… before")
    assert shown.endswith("after …")
    assert len(shown) < 260


def test_a_snippet_of_what_is_not_in_it_is_its_beginning() -> None:
    passage = Passage("", "", "a  b\nc", "curl zebra")
    assert "".join(part.text for part in snippet(passage, ("lion",))) == "a b c"
    assert "".join(part.text for part in snippet(passage, ("zeb",))) == "curl zebra"
    assert snippet(Passage("", "", ""), ("zebra",)) == []


def test_marks_follow_the_folding_and_change_no_letter() -> None:
    parts = mark("Straße, ÉTÉ", ("strasse", "ete"))
    assert [(part.text, part.marked) for part in parts] == [
        ("Straße", True),
        (", ", False),
        ("ÉTÉ", True),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("undelete", ["Restore"]),
        ("trash", ["Deleted"]),
        ("dedupe", ["Duplicates"]),
        ("deduplicate contacts", ["Duplicates"]),
        ("dedup", ["Duplicates"]),
        ("bulk", ["Bulk", "Batches"]),
        ("audit", ["History"]),
        ("changelog", ["Changelog", "History"]),
        ("GDPR", ["Erasure"]),
        ("bul", ["Bulk"]),
    ],
)
def test_words_of_other_products_lead_to_ours(query: str, expected: list[str]) -> None:
    """After the pages that have the word itself."""
    names = ("Restore", "Deleted", "Duplicates", "Batches", "History", "Erasure")
    text = Passage("", "", "Contacts.")
    index = make_index([page(each, text) for each in (*names, "Bulk", "Changelog")])
    assert paths(index, query) == expected


def test_our_words_are_marked_too(index: Index) -> None:
    named = make_index([page("Undo", Passage("", "", "How to restore a record."))])
    (found,) = search(named, "undelete")
    assert found.words == ("undelete", "restore")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("delete forever", ["Erasure"]),
        ("API keys", ["Authentication"]),
        ("sdk", ["Clients"]),
        ("sync", ["Staying in step"]),
        ("time zone", ["Times"]),
        ("postman", ["Clients", "OpenAPI"]),
    ],
)
def test_people_find_by_their_own_words(query: str, expected: list[str]) -> None:
    names = ("Erasure", "Authentication", "Clients", "Staying in step", "OpenAPI")
    pages = [page(each, Passage("", "", "Contacts.")) for each in names]
    times = page("Times", Passage("", "", "A time comes back in UTC."))
    assert paths(make_index([*pages, times]), query) == expected


def test_every_word_of_others_leads_to_a_word_of_ours() -> None:
    """A word that is itself led on would be looked for in vain."""
    for ours in OURS.values():
        assert ours
        assert not [word for word in ours if said_otherwise(word) != word]


def test_each_group_has_its_best() -> None:
    paths_of = [f"/docs/{n}" for n in range(9)] + ["/problems/x"]
    paths_of.insert(1, "/docs/reference/deals")
    found = [Found(at(path), Passage("", "", ""), ()) for path in paths_of]
    groups = grouped(found)
    assert [name for name, _ in groups] == ["Guides", "Operations", "Problems"]
    assert [each.page.path for each in groups[0][1]] == paths_of[:1] + paths_of[2:7]
    assert [len(hits) for _, hits in groups] == [MOST["Guides"], 1, 1]
    assert grouped([]) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("webook", "Webhooks"),
        ("wehbooks", "Webhooks"),
        ("pagnation", "Pagination"),
        ("idempotancy", "Idempotency"),
        ("authentcat", "Authentication"),
        ("authentification", "Authentication"),
        ("retreis", "Retries"),
    ],
)
def test_a_misspelt_word_is_found(query: str, expected: str) -> None:
    names = ["Authentication", "Idempotency", "Pagination", "Retries", "Webhooks"]
    index = make_index([page(name, Passage("", "", "Text.")) for name in names])
    assert paths(index, query)[:1] == [expected]


def test_a_word_that_is_there_is_never_taken_for_another() -> None:
    text = Passage("", "", "Text.")
    index = make_index([page("Notes", text), page("Votes", text), page("Dates", text)])
    assert spelt(index, query_words("votes dates xates")) == ("vote", "date")
    assert paths(index, "votes") == ["Votes"]
    assert spelt(index, ("zebra", "x1234", "abc")) == ("zebra", "x1234", "abc")


@given(
    st.lists(st.text("abcde", min_size=5, max_size=9), min_size=1, unique=True),
    st.text("abcde", min_size=4, max_size=10),
)
def test_a_correction_is_the_nearest_word(words: list[str], word: str) -> None:
    """The oracle compares with each word, by Damerau's and Levenshtein's distance."""
    found = corrected(word, sorted(words), lambda _: 1)
    least = min(distance(word, each) for each in words)
    if least == 1:
        assert found is not None
        assert distance(word, found) == 1
    elif found is not None and len(word) < 8:
        beginnings = [found[:end] for end in range(len(found) + 1)]
        assert min(distance(word, each) for each in beginnings) <= 1
    elif found is not None:
        assert min(distance(word, found[:end]) for end in range(len(found) + 1)) <= 2


def distance(one: str, other: str) -> int:
    """The letters that are wrong, missing, too many or swapped."""
    rows = [list(range(len(other) + 1))]
    for at, letter in enumerate(one, 1):
        row = [at]
        for to, letter_there in enumerate(other, 1):
            changed = rows[at - 1][to - 1] + (letter != letter_there)
            best = min(changed, rows[at - 1][to] + 1, row[to - 1] + 1)
            if at > 1 and to > 1 and one[at - 2 : at] == other[to - 2 : to][::-1]:
                best = min(best, rows[at - 2][to - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def test_the_worst_query_takes_little_work() -> None:
    """Eight long words that no page has, against ten thousand that nearly fit."""
    words = ["a" + "".join(each) for each in product("bcdefghijk", repeat=4)]
    index = make_index(
        [page(" ".join(word + "zzzz" for word in words), Passage("", "", ""))]
    )
    query = " ".join("a" + letter * 11 for letter in "qrstuvwx")
    began = time.thread_time()
    search(index, query)
    assert time.thread_time() - began < 2
