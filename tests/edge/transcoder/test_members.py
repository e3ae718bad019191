"""Members that records have besides: C and Python write the same beside each id."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.crm.v1.contacts_pb2 import Contact, SearchContactsResponse

from edge.transcoder.write import NO_MEMBERS, Members, compile_splitter

SPLITTERS = [
    compile_splitter(SearchContactsResponse, compiled=compiled)
    for compiled in (True, False)
]
IDS = st.text(max_size=5)
MEMBER = st.tuples(
    st.sampled_from((b',"company":', b',"owner":')),
    st.dictionaries(IDS, st.sampled_from((b"{}", b'{"id":"co_1"}'))),
    st.just(b"null"),
)


@given(ids=st.lists(IDS), members=st.lists(MEMBER, max_size=3))
def test_both_write_the_same_members(ids: list[str], members: list[Any]) -> None:
    page = SearchContactsResponse(data=[Contact(id=each, name="Zoë") for each in ids])
    besides = Members(members, b"}")
    packed = page.SerializeToString()
    compiled, twin = (split(packed, besides) for split in SPLITTERS)
    assert compiled == twin
    for record, each in zip(compiled, ids, strict=True):
        told = orjson.loads(record)
        for key, values, other in members[-1:]:
            name = key.decode().strip(',":')
            assert told[name] == orjson.loads(values.get(each, other))


def test_lists_stand_in_a_group() -> None:
    page = SearchContactsResponse(data=[Contact(id="con_1"), Contact(id="con_2")])
    lists = Members([(b',"associations":{"x":', {"con_1": b"[1]"}, b"[]")], b"}}")
    for split in SPLITTERS:
        first, second = map(orjson.loads, split(page.SerializeToString(), lists))
        assert first["associations"] == {"x": [1]}
        assert second["associations"] == {"x": []}


@pytest.mark.parametrize(
    "wrong", [1, (b"a", {}, "b"), (b"a", [], b"b"), ("a", {}, b"")]
)
def test_what_is_no_member_is_an_error(wrong: Any) -> None:
    packed = SearchContactsResponse(data=[Contact(id="con_1")]).SerializeToString()
    for split in SPLITTERS:
        assert len(split(packed, NO_MEMBERS)) == 1
        with pytest.raises((TypeError, ValueError, AttributeError)):
            split(packed, Members([wrong], b"}"))
