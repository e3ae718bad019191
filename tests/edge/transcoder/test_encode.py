"""Messages as public JSON."""

from typing import Any

import orjson
import pytest
from google.protobuf.struct_pb2 import Struct
from prospectconnect.crm.v1 import contacts_pb2
from prospectconnect.iam.v1 import access_pb2
from prospectconnect.type.v1 import search_pb2

from edge.transcoder.encode import compile_encoder
from tests.edge.invented import Field, add, message_file, new_file, thing_class


def encoded(message: Any) -> Any:
    return orjson.loads(orjson.dumps(compile_encoder(message.DESCRIPTOR)(message)))


def test_unset_fields_are_null_and_never_missing() -> None:
    contact = encoded(contacts_pb2.Contact(id="con_1", name="Ann"))
    assert contact["first_name"] is None
    assert contact["lifecycle_stage"] is None
    assert contact["created_at"] is None
    assert contact["lead_score"] == 0
    assert contact["tags"] == []
    assert contact["custom_fields"] == {}
    fields = contacts_pb2.Contact.DESCRIPTOR.fields_by_name
    internal = {"etag", "answered_fields", "expanded"}
    omitted = {"masked", "merged_ids", "deleted_at", "deleted_by"}
    assert set(contact) == set(fields) - internal - omitted


def test_an_empty_text_that_is_set_is_empty() -> None:
    assert encoded(contacts_pb2.Contact(first_name=""))["first_name"] == ""


def test_set_fields() -> None:
    message = contacts_pb2.Contact(
        lifecycle_stage=contacts_pb2.LIFECYCLE_STAGE_LEAD, tags=["b", "a"], etag="7"
    )
    message.created_at.seconds = 1781706600
    contact = encoded(message)
    assert contact["lifecycle_stage"] == "lead"
    assert contact["tags"] == ["b", "a"]
    assert contact["created_at"] == "2026-06-17T14:30:00Z"
    assert "etag" not in contact


def test_a_struct_is_sorted_and_its_integers_are_integers() -> None:
    message = contacts_pb2.Contact()
    message.custom_fields.update(
        {"z": 5.0, "a": {"y": None, "x": [1, 2.5, "s", True]}, "m": 2.0**53, "n": 1e300}
    )
    written = orjson.dumps(compile_encoder(message.DESCRIPTOR)(message))
    assert (
        b'"custom_fields":{"a":{"x":[1,2.5,"s",true],"y":null},'
        b'"m":9007199254740992,"n":1e+300,"z":5}'
    ) in written


def test_equal_structs_are_equal_byte_for_byte() -> None:
    one, two = Struct(), Struct()
    for key in ("a", "b", "c", "d"):
        one[key] = key
    for key in ("d", "b", "a", "c"):
        two[key] = key
    encode = compile_encoder(contacts_pb2.Contact.DESCRIPTOR)
    assert orjson.dumps(
        encode(contacts_pb2.Contact(custom_fields=one))
    ) == orjson.dumps(encode(contacts_pb2.Contact(custom_fields=two)))


def test_omit_unset_leaves_a_field_out() -> None:
    assert "total" not in encoded(search_pb2.PageMeta())
    assert encoded(search_pb2.PageMeta(total=0))["total"] == 0
    assert "masked" not in encoded(contacts_pb2.Contact(id="con_1"))
    masked = ["custom_fields.salary"]
    assert encoded(contacts_pb2.Contact(masked=masked))["masked"] == masked


def test_nested_messages_lists_and_maps() -> None:
    page = contacts_pb2.SearchContactsResponse(
        data=[contacts_pb2.Contact(id=each) for each in ("con_1", "con_2")]
    )
    assert [each["id"] for each in encoded(page)["data"]] == ["con_1", "con_2"]
    me = encoded(access_pb2.Me(visibility={"deal": "own", "contact": "all"}))
    assert list(me["visibility"]) == ["contact", "deal"]
    assert me["token"] is None


def test_a_message_may_hold_itself_and_a_keyword() -> None:
    message = search_pb2.Filter(any=[search_pb2.Filter(field="email")])
    getattr(message, "not").field = "phone"
    filter_ = encoded(message)
    assert filter_["any"][0]["field"] == "email"
    assert filter_["not"]["field"] == "phone"


def test_money_and_dates() -> None:
    file = message_file(
        "money",
        ("value", Field.TYPE_MESSAGE, ".google.type.Decimal"),
        ("due_date", Field.TYPE_MESSAGE, ".google.type.Date"),
        ("other", Field.TYPE_MESSAGE, ".google.type.Decimal"),
    )
    thing = thing_class(file)()
    thing.value.value = "1000000000.05"
    thing.due_date.year, thing.due_date.month, thing.due_date.day = 2026, 6, 7
    written = orjson.dumps(compile_encoder(thing.DESCRIPTOR)(thing))
    assert written == b'{"value":1000000000.05,"due_date":"2026-06-07","other":null}'


def test_a_type_without_a_form_is_refused() -> None:
    file = message_file("bytes", ("raw", Field.TYPE_BYTES, ""))
    with pytest.raises(ValueError, match="no form"):
        compile_encoder(file.message_types_by_name["Thing"])


def test_an_enum_value_that_is_too_new_is_null() -> None:
    file = new_file("enums")
    file.enum_type.add(name="BigSize").value.add(name="BIG_SIZE_UNSPECIFIED", number=0)
    file.enum_type[0].value.add(name="BIG_SIZE_VERY_BIG", number=1)
    thing = file.message_type.add(name="Thing")
    kind = f".{file.package}.BigSize"
    thing.field.add(name="size", number=1, type=Field.TYPE_ENUM, type_name=kind)
    thing_type = thing_class(add(file))
    assert encoded(thing_type(size=1)) == {"size": "very_big"}
    assert encoded(thing_type.FromString(b"\x08\x63")) == {"size": None}
