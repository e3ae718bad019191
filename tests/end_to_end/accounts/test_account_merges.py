"""The pages of merges: the list, the look at what undoing would do, and the undo."""

from tests.client import Client
from tests.end_to_end.accounts.seen import (
    HISTORY,
    MERGES,
    history,
    new_contact,
    new_name,
    user,
)
from tests.end_to_end.merging.merged import merge
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.harness.people.person import Form, Person


def test_a_merge_is_looked_at_and_undone(person: Person, client: Client) -> None:
    survivor = new_contact(client, first_name="Ada", last_name="Byron")
    merged = new_contact(client, city="Oslo", first_name="Lady", last_name="Lovelace")
    client.create("/notes", {"body": "Hers", "contact_id": merged})
    merge_id = merge(client, survivor, merged)["merge_id"]
    page = history(person, merged)
    assert f"<code>{merged}</code> was merged into this record" in page.text
    assert f'<a href="{MERGES}/{merge_id}/undo"' not in page.text

    listed = opened(person, MERGES).text
    row = listed.partition(f'id="{merge_id}"')[2].partition("</tr>")[0]
    assert "Ada Byron" in row
    assert merged in row
    path = f"{MERGES}/{merge_id}/undo"
    assert path in row

    asked = opened(person, path)
    for told in (merged, "Lady Lovelace", "1 note", "<code>city</code>"):
        assert told in asked.text
    still = client.get(f"/contacts/{merged}").json
    assert still["id"] == survivor, "nothing was done yet"
    page = sent(person, asked.forms[-1])
    assert page.path == f"{MERGES}?done=undone"
    assert client.get(f"/contacts/{merged}").json["id"] == merged
    row = page.text.partition(f'id="{merge_id}"')[2].partition("</tr>")[0]
    assert "Undone on" in row

    page = sent(person, asked.forms[-1])
    assert page.answer.status == 400
    assert "The merge was undone already." in page.text


def test_what_is_in_the_way_of_undoing_a_merge_is_said(
    person: Person, client: Client
) -> None:
    first, second, last = (new_contact(client) for _ in range(3))
    merge_id = merge(client, second, first)["merge_id"]
    later = merge(client, last, second)["merge_id"]
    page = opened(person, f"{MERGES}/{merge_id}/undo")
    assert page.answer.status == 409
    assert f"{MERGES}/{later}/undo" in page.text
    assert len(page.forms) == 1, "the form for the logout alone"
    client.delete(f"/contacts/{last}")
    page = opened(person, f"{MERGES}/{later}/undo")
    assert page.answer.status == 409
    assert "Restore it first." in page.text


def test_merges_of_own_objects_are_undone_too(person: Person, client: Client) -> None:
    slug = new_name()
    labels = {"singular_label": "Machine", "plural_label": "Machines"}
    client.create("/objects", {"slug": slug, **labels})
    path = f"/objects/{slug}/records"
    first, second = (client.create(path, {"name": n})["id"] for n in ("A", "B"))
    merge_id = merge(client, first, second, path=path)["merge_id"]
    form = form_at(person, f"{MERGES}/{merge_id}/undo")
    assert sent(person, form).path == f"{MERGES}?done=undone"
    assert client.get(f"{path}/{second}").json["id"] == second


def test_who_may_not_delete_sees_and_undoes_nothing(
    desk: Scene, client: Client
) -> None:
    viewer = user(desk, "viewer")
    gone, survivor, merged = (new_contact(client) for _ in range(3))
    merge_id = merge(client, survivor, merged)["merge_id"]
    client.delete(f"/contacts/{gone}")
    assert history(viewer, gone).answer.status == 404
    page = opened(viewer, MERGES)
    assert merge_id in page.text
    assert f"{merge_id}/undo" not in page.text
    assert opened(viewer, f"{MERGES}/{merge_id}/undo").answer.status == 403
    token = page.forms[0].fields["form_token"]
    for path, fields in ((HISTORY, {"id": gone}), (f"{MERGES}/{merge_id}/undo", {})):
        page = sent(viewer, Form(path, {"form_token": token} | fields))
        assert page.answer.status == 403
    assert client.get(f"/contacts/{merged}").json["id"] == survivor
    assert client.get(f"/contacts/{gone}").status == 404


def test_a_form_of_nobody_does_nothing(person: Person, client: Client) -> None:
    gone, survivor, merged = (new_contact(client) for _ in range(3))
    merge_id = merge(client, survivor, merged)["merge_id"]
    client.delete(f"/contacts/{gone}")
    for token in ("", "x"):
        for path, fields in (
            (HISTORY, {"id": gone}),
            (f"{MERGES}/{merge_id}/undo", {}),
        ):
            page = sent(person, Form(path, {"form_token": token} | fields))
            assert page.answer.status in (400, 403)
    assert client.get(f"/contacts/{gone}").status == 404
    assert client.get(f"/contacts/{merged}").json["id"] == survivor


def test_another_tenant_sees_none_of_it(desk: Scene, client: Client) -> None:
    record, survivor, merged = (new_contact(client) for _ in range(3))
    merge_id = merge(client, survivor, merged)["merge_id"]
    with opened_scene(desk.tenant.stack) as scene:
        stranger = Person(scene.tenant.stack.http)
        stranger.log_in(scene.email)
    for hidden in (record, merged):
        assert history(stranger, hidden).answer.status == 404
    assert merge_id not in opened(stranger, MERGES).text
    assert opened(stranger, f"{MERGES}/{merge_id}/undo").answer.status == 404
