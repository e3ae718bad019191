"""Aggregations in records: what is written is JSON of requests, and reads the same."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.type.v1 import figures_pb2 as pb
from prospectconnect.type.v1.search_pb2 import SortDirection

from services.records.values.aggregation_json import (
    aggregation_of,
    aggregation_to_json,
)
from services.records.values.filter_json import filters_of

FILTERS = st.recursive(
    st.fixed_dictionaries(
        {"field": st.text(max_size=9), "operator": st.sampled_from(["eq", "is_empty"])},
        optional={
            "value": st.one_of(st.text(max_size=9), st.booleans(), st.integers(-9, 9))
        },
    ),
    lambda inner: st.one_of(
        st.builds(lambda each: {"not": each}, inner),
        st.builds(lambda each: {"any": each}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=4,
)


@st.composite
def aggregations(draw: Any) -> pb.Aggregation:
    made = pb.Aggregation()
    made.filters.extend(filters_of(draw(st.lists(FILTERS, max_size=3))))
    for field, interval in draw(
        st.lists(st.tuples(st.text(max_size=9), st.sampled_from(range(6))), max_size=3)
    ):
        group = made.group_by.add(field=field)
        if interval:
            group.interval = interval
    for name, op in draw(
        st.lists(
            st.tuples(st.text(max_size=9), st.sampled_from(range(1, 8))), max_size=3
        )
    ):
        measure = made.measures.add(op=op)
        setattr(measure, "as", name)
    if draw(st.booleans()):
        made.fill = draw(st.booleans())
    if draw(st.booleans()):
        made.limit = draw(st.integers(0, 1_000))
    if draw(st.booleans()):
        made.sort_direction = draw(
            st.sampled_from([n for n in SortDirection.values() if n])
        )
    return made


@given(aggregations())
def test_what_is_written_reads_the_same(aggregation: pb.Aggregation) -> None:
    json = orjson.loads(orjson.dumps(aggregation_to_json(aggregation)))
    assert aggregation_of(json) == aggregation


def test_enums_are_written_as_requests_have_them() -> None:
    made = pb.Aggregation()
    made.group_by.add(field="closed_at", interval=pb.INTERVAL_MONTH)
    measure = made.measures.add(op=pb.MEASURE_OP_COUNT_DISTINCT, field="owner_id")
    setattr(measure, "as", "people")
    assert aggregation_to_json(made) == {
        "group_by": [{"field": "closed_at", "interval": "month"}],
        "measures": [{"op": "count_distinct", "field": "owner_id", "as": "people"}],
    }
