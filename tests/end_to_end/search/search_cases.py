"""Searches of a type of record: every class of word, operator, order, page and total.

What is common to all is drawn in turn, so that a few hundred miss no class, no order
and hardly an operator; all else is drawn at random.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from tests.end_to_end.search import queries
from tests.end_to_end.search.queries import Values
from tests.promises.oracle import DIRECTIONS, Filter, Record
from tests.promises.record_facts import RecordFacts
from tests.promises.search_words import VALUES, WORDS

CUSTOM = ("custom_fields.plan", "custom_fields.word", "custom_fields.nowhere")
EXTERNAL = ("external_ids.erp", "external_ids.legacy", "external_ids.nowhere")
LIMITS = (None, 1, 2, 3, 7, 25, 100)
MOST_TEXT = 200  # characters of a text
MOST_CONDITIONS = 100

Query = Mapping[str, Any]


def searches(
    records: Sequence[Record], facts: RecordFacts, random: Random
) -> Iterator[Query]:
    """Searches without end; `records` are those that the searcher sees."""
    fields = [*facts.kinds, *(CUSTOM if "tags" in facts.kinds else ())]
    fields += EXTERNAL if facts.has_external_ids else ()
    values = [queries.values_of(records, each, facts, VALUES) for each in fields]
    classes, orders = list(WORDS), [None, *facts.orders]
    conditions: list[Filter] = []
    for number in count():
        if not conditions:
            conditions = [
                c for each in values for c in queries.conditions(each, random)
            ]
            random.shuffle(conditions)
        query = {
            "filters": _filters(conditions.pop(), values, random),
            "search_text": _text(WORDS[classes[number % len(classes)]], random),
            "order_by": orders[number % len(orders)],
            "sort_direction": random.choice((None, *DIRECTIONS)),
            "limit": random.choice(LIMITS),
            "include_total": random.choice((None, True, False)),
        }
        yield {name: value for name, value in query.items() if value is not None}


def _text(words: Sequence[str], random: Random) -> str | None:
    """Words of a class, in any case; in one search of three there are none."""
    if random.random() < 0.33:
        return None
    some = [random.choice(words) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    text = random.choice((" ", "  ", "\t", "\u3000")).join(some)
    return random.choice((str, str.upper, str.lower))(text)[:MOST_TEXT]


def _filters(
    condition: Filter, values: Sequence[Values], random: Random
) -> list[Filter] | None:
    """None, a condition alone, or conditions in groups."""
    shape = random.random()
    if shape < 0.3:
        return None
    if shape < 0.65:
        return [condition]
    while True:
        filters = [
            queries.nested(values, random) for _ in range(random.choice((1, 1, 2)))
        ]
        if sum(map(_size, filters)) <= MOST_CONDITIONS:
            return filters


def _size(each: Filter) -> int:
    """How many conditions a filter holds."""
    inner = [*each.get("any", ()), *each.get("all", ())]
    inner += [each["not"]] if "not" in each else []
    return sum(map(_size, inner)) if inner else 1
