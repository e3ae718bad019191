"""The pages of duplicates and of deleted records, and merges by a form."""

from tests.client import Client
from tests.end_to_end.accounts.seen import (
    HISTORY,
    MERGES,
    fields_told,
    history,
    new_contact,
    new_name,
    restoring,
    user,
)
from tests.end_to_end.merging.merged import merge
from tests.harness.people.account import opened, sent
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.harness.people.person import Form, Page, Person

DUPLICATES, DELETED = "/account/duplicates", "/account/deleted"
TO_MERGE = f"{DUPLICATES}/merge"


def twins(client: Client) -> tuple[str, str]:
    """Two contacts with the same e-mail address."""
    email = f"{new_name()}@engine.example"
    named = {"email": email, "first_name": "Ada", "last_name": "Twin"}
    first = client.create("/contacts", named)["id"]
    second = client.create("/contacts", named | {"city": "Oslo"})["id"]
    client.create("/notes", {"body": "Hers", "contact_id": second})
    return first, second


def groups(person: Person) -> str:
    """The text of all pages of duplicates."""
    text, path = "", DUPLICATES
    while path:
        page = opened(person, path)
        assert page.answer.status == 200
        text += page.text
        _, found, rest = page.text.partition("cursor=")
        cursor = rest.partition('"')[0]
        path = f"{DUPLICATES}?resource=contacts&cursor={cursor}" if found else ""
    return text


def asked(person: Person, stays: str, *others: str) -> Page:
    """What a merge would do."""
    chosen = "".join(f"&{each}=on" for each in (stays, *others))
    return opened(person, f"{TO_MERGE}?stays={stays}{chosen}")


def test_duplicates_are_found_looked_at_and_merged(
    person: Person, client: Client
) -> None:
    first, second = twins(client)
    text = groups(person)
    assert f'value="{first}"' in text
    assert f'name="{second}"' in text

    page = asked(person, first, second)
    for told in ("1 note", "<code>city</code>", "Oslo", "Ada Twin"):
        assert told in page.text
    assert client.get(f"/contacts/{second}").json["id"] == second, "nothing is done yet"
    page = sent(person, page.forms[-1])
    assert page.path == f"{MERGES}?done=merged"
    assert "The records are merged." in page.text
    assert client.get(f"/contacts/{second}").json["id"] == first
    assert client.get(f"/contacts/{first}").json["city"] == "Oslo"


def test_a_merge_that_cannot_be_done_is_said(person: Person, client: Client) -> None:
    first, second = twins(client)
    form = asked(person, first, second).forms[-1]
    for nothing in (f"{TO_MERGE}", f"{TO_MERGE}?stays={first}", f"{TO_MERGE}?stays=x"):
        page = opened(person, nothing)
        assert page.answer.status == 400
        assert "Choose the record that stays" in page.text
    sent(person, form)
    page = sent(person, form)
    assert page.answer.status == 400
    assert "a part of it already" in page.text
    gone = new_contact(client)
    client.delete(f"/contacts/{gone}")
    page = asked(person, first, gone)
    assert page.answer.status == 400
    assert "There is no contact" in page.text
    assert asked(person, "con_" + "0" * 24, first).answer.status == 404


def test_a_merge_needs_its_form_and_the_role(desk: Scene, client: Client) -> None:
    viewer = user(desk, "viewer")
    first, second = twins(client)
    page = opened(viewer, DUPLICATES)
    assert "See the merge" not in page.text
    assert asked(viewer, first, second).answer.status == 403
    token = page.forms[0].fields["form_token"]
    for given, status in ((token, (403,)), ("", (400, 403)), ("x", (400, 403))):
        fields = {"form_token": given, "stays": first, second: "on"}
        assert sent(viewer, Form(TO_MERGE, fields)).answer.status in status
    assert opened(viewer, DELETED).answer.status == 404
    assert client.get(f"/contacts/{second}").json["id"] == second


def test_another_tenant_sees_no_duplicate_and_nothing_deleted(
    desk: Scene, client: Client
) -> None:
    first, second = twins(client)
    gone = new_contact(client)
    client.delete(f"/contacts/{gone}")
    with opened_scene(desk.tenant.stack) as scene:
        stranger = Person(scene.tenant.stack.http)
        stranger.log_in(scene.email)
    assert first not in groups(stranger)
    assert gone not in opened(stranger, DELETED).text
    assert asked(stranger, first, second).answer.status == 404


def test_deleted_records_are_listed_and_restored_more_than_once(
    person: Person, client: Client
) -> None:
    name = new_name()
    gone = new_contact(client, first_name="Ada", last_name=name)
    slug = new_name()
    labels = {"singular_label": "Machine", "plural_label": "Machines"}
    client.create("/objects", {"slug": slug, **labels})
    path = f"/objects/{slug}/records"
    machine = client.create(path, {"name": "A machine"})["id"]
    client.delete(f"{path}/{machine}")
    client.delete(f"/contacts/{gone}")
    listed = opened(person, DELETED).text
    assert f"Ada {name}" in listed
    assert f"{DELETED}?resource={slug}" in listed
    assert "A machine" in opened(person, f"{DELETED}?resource={slug}").text
    assert opened(person, f"{DELETED}?resource=nothing").answer.status == 404

    (form,) = restoring(history(person, gone))
    for _ in range(2):  # by the same form, also where it lives already
        page = sent(person, form)
        assert "The record is restored" in page.text
        assert client.get(f"/contacts/{gone}").status == 200
    client.delete(f"/contacts/{gone}")
    page = opened(person, page.path)
    assert "The record is restored" not in page.text
    (form,) = restoring(page)
    assert "The record is restored" in sent(person, form).text
    assert f"Ada {name}" not in opened(person, DELETED).text


def test_records_are_shown_by_their_names(person: Person, client: Client) -> None:
    company = client.create("/companies", {"name": f"Works {new_name()}"})
    survivor = new_contact(client, first_name="Ada", last_name="Byron")
    merged = new_contact(client, first_name="Lady", last_name="Lovelace")
    client.patch(f"/contacts/{survivor}", {"company_id": company["id"]})
    merge_id = merge(client, survivor, merged)["merge_id"]
    row = opened(person, MERGES).text.partition(f'id="{merge_id}"')[2]
    row = row.partition("</tr>")[0]
    for record, name in ((survivor, "Ada Byron"), (merged, "Lady Lovelace")):
        assert f'<a href="{HISTORY}?id={record}"><bdi>{name}</bdi></a>' in row
    page = history(person, survivor)
    assert "company_id" in fields_told(page)
    for record, name in ((company["id"], company["name"]), (merged, "Lady Lovelace")):
        assert f'<a href="{HISTORY}?id={record}"><bdi>{name}</bdi></a>' in page.text
