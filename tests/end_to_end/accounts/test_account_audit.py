"""The page of the audit: what it lists, by event, page by page, and who sees it."""

from tests.end_to_end.accounts.seen import new_contact, user
from tests.end_to_end.merging.merged import merge
from tests.harness.people.account import opened
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Page, Person

AUDIT = "/account/audit"


def test_entries_are_listed_by_event(desk: Scene, person: Person) -> None:
    client = desk.tenant.client()
    survivor, other = new_contact(client), new_contact(client)
    merge_id = merge(client, survivor, other)["merge_id"]
    client.close()
    page = opened(person, f"{AUDIT}?event=records_merged")
    row = page.text.partition("<tbody>")[2].partition("</tr>")[0]
    assert "<code>records_merged</code>" in row
    assert f"<code>{survivor}</code>" in row
    assert merge_id in row
    assert other in row
    assert "127.0.0.1" in row
    assert f"Owner of {desk.tenant.name}" in row
    assert "<code>logged_in</code>" not in page.text
    logins = opened(person, f"{AUDIT}?event=logged_in").text
    assert "<code>logged_in</code>" in logins
    assert "<code>records_merged</code>" not in logins


def test_an_unknown_event_is_none(person: Person) -> None:
    page = opened(person, f"{AUDIT}?event=%3Cb%3Enothing")
    assert "There is no such entry." in page.text
    assert "<b>nothing" not in page.text


def test_older_entries_are_on_the_next_page(desk: Scene, person: Person) -> None:
    client = desk.tenant.client()
    for _ in range(13):
        merge(client, new_contact(client), new_contact(client))
        merge(client, new_contact(client), new_contact(client))
    client.close()
    page = opened(person, f"{AUDIT}?event=records_merged")
    link = page.text.partition(">Older entries<")[0].rpartition('href="')[2]
    older = opened(person, link.rstrip('"').replace("&amp;", "&"))
    assert "<code>records_merged</code>" in older.text
    assert ">Newest entries<" in older.text


def test_a_member_has_no_such_page(desk: Scene, person: Person) -> None:
    assert f'href="{AUDIT}"' in opened(person, "/account").text
    member = user(desk, "member")
    assert f'href="{AUDIT}"' not in opened(member, "/account").text
    refused = member.open(AUDIT)
    assert isinstance(refused, Page)
    assert refused.answer.status == 403
