"""A page that stays bytes is the page that it stands for."""

from prospectconnect.crm.v1 import contacts_pb2 as pb

from services.search.packed import PackedPage

PAGE = pb.SearchContactsResponse()
PAGE.data.add(id="con_1", name="Ada Lovelace", answered_fields=["id", "name"])
PAGE.meta.cursor.next = "further"


def packed() -> PackedPage:
    rest = pb.SearchContactsResponse(meta=PAGE.meta)
    records = pb.SearchContactsResponse(data=PAGE.data)
    return PackedPage(rest, records.SerializeToString())


def test_it_is_sent_as_it_is() -> None:
    assert pb.SearchContactsResponse.FromString(packed().SerializeToString()) == PAGE


def test_it_can_be_looked_into() -> None:
    page = packed()
    assert page.data == PAGE.data
    assert page.meta.cursor.next == "further"
    assert page.SerializeToString() == PAGE.SerializeToString()


def test_what_comes_along_is_sent_beside_the_records() -> None:
    page = packed()
    page.expanded.add(path="company")
    sent = pb.SearchContactsResponse.FromString(page.SerializeToString())
    assert sent.data == PAGE.data
    assert [each.path for each in sent.expanded] == ["company"]
    assert page.data == PAGE.data
    assert pb.SearchContactsResponse.FromString(page.SerializeToString()) == sent


def test_what_is_changed_in_it_is_sent() -> None:
    page = packed()
    page.data[0].ClearField("name")
    page.meta.total = 1
    sent = pb.SearchContactsResponse.FromString(page.SerializeToString())
    assert sent.data[0].name == ""
    assert sent.meta.total == 1


def test_nothing_comes_along_before_it_is_added() -> None:
    assert list(packed().expanded) == list(PAGE.expanded) == []
    assert list(packed().missing) == list(PAGE.missing) == []
