"""Imports, exports and jobs by the pages: whose they are, and what forms do."""

import time

import grpc
import pytest
from prospectconnect.jobs.v1 import imports_pb2 as api
from prospectconnect.jobs.v1 import imports_pb2_grpc

from services.files.stores import Files
from services.imports.sweeping import sweep
from services.postgres.database import Database
from tests.client import Client
from tests.end_to_end.accounts.files import (
    EXPORTS,
    IMPORTS,
    JOBS,
    UPSERT,
    begun,
    going_on,
    id_at,
    tried,
    upload,
)
from tests.end_to_end.accounts.seen import user
from tests.end_to_end.imports.sending import ended, rows_of, statuses
from tests.end_to_end.imports.test_contents import FILES, files_in
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Form, Page, Person
from tests.harness.wire.grpc_calls import bearer
from tests.world import administer

_AGE = """
UPDATE imports SET updated_at = updated_at - interval '2 days'
WHERE business_id = $1 AND id = ANY($2::text[])
"""

_MODE, _CSV = api.IMPORT_MODE_CREATE, api.IMPORT_FORMAT_CSV


def people(*emails: str) -> bytes:
    """A table of contacts, with a column that no name says."""
    rows = [f"Ada,Lovelace,{each}" for each in emails]
    return "\n".join(["First name,Of hers,E-mail", *rows]).encode()


def new_email() -> str:
    return f"ada{time.monotonic_ns()}@engine.example"


def test_a_file_is_sent_once_looked_at_twice_and_imported(
    person: Person, client: Client
) -> None:
    email = new_email()
    first = tried(person, client, people(email, "nobody"))
    assert "<dt>Rejected</dt><dd>1</dd>" in first.text
    again = sent(person, going_on(first), do="look", c1="last_name")
    assert again.path != first.path
    ended(client, id_at(again.path))
    again = opened(person, again.path)
    assert "Lovelace" in again.text
    assert client.post("/contacts/search", {"search_text": email}).json["data"] == []

    done = sent(person, going_on(again), do="import")
    found = ended(client, id_at(done.path))
    assert (found["created"], found["failed"], found["dry_run"]) == (1, 1, False)
    assert found["mapping"]["Of hers"] == "last_name"
    page = opened(person, done.path)
    assert "Give an e-mail address" in page.text
    assert "<bdi>Ada,Lovelace,nobody</bdi>" in page.text
    rejected = person.send("GET", f"{done.path}/errors.csv")
    assert rejected.headers["content-disposition"].startswith("attachment")
    assert b"Ada,Lovelace,nobody" in rejected.body

    pressed = sent(person, going_on(again), do="import")
    assert pressed.answer.status == 409, "a file is imported once"
    assert "was imported or deleted" in pressed.text
    found = client.post("/contacts/search", {"search_text": email}).json["data"]
    assert [each["last_name"] for each in found] == ["Lovelace"]


def test_no_token_takes_the_file_of_a_page(
    desk: Scene, person: Person, client: Client
) -> None:
    first = tried(person, client, people(new_email()))
    given = api.CreateImportRequest(
        content_of=id_at(first.path),
        **{"import": api.Import(resource="contacts", mode=_MODE, format=_CSV)},
    )
    token = bearer(desk.token(["contact.write"]))
    with grpc.insecure_channel(desk.tenant.stack.grpc) as channel:
        service = imports_pb2_grpc.ImportServiceStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            service.CreateImport(given, metadata=token, timeout=60)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    done = sent(person, going_on(opened(person, first.path)), do="import")
    assert ended(client, id_at(done.path))["created"] == 1


def test_a_file_that_was_looked_at_twice_is_deleted_after_a_day(
    desk: Scene, person: Person, client: Client
) -> None:
    first = tried(person, client, people(new_email()))
    again = sent(person, going_on(first), do="look", c1="last_name")
    ended(client, id_at(again.path))
    again = opened(person, again.path)
    folder = FILES / desk.tenant.business_id / "imports" / id_at(first.path)
    assert files_in(folder), "the file stays where it is"

    async def a_day_later(database: Database) -> None:
        its = desk.tenant.business_id, [id_at(each.path) for each in (first, again)]
        await database.run(_AGE, *its)
        await sweep(database, Files(str(FILES)), its[0])

    administer(desk.tenant.stack.database_url, a_day_later)
    assert files_in(folder) == []
    refused = sent(person, going_on(again), do="import")
    assert refused.answer.status == 409
    assert "was imported or deleted" in refused.text


def test_a_file_whose_rows_are_all_rejected_is_tried_with_another_mapping(
    person: Person, client: Client
) -> None:
    name = new_email()
    content = f"Betrieb\n{name}\n".encode()
    first = tried(person, client, content, resource="companies")
    assert "The only row was rejected" in first.text
    look = sent(person, going_on(first), do="import", c0="name")
    found = ended(client, id_at(look.path))
    assert (found["dry_run"], found["created"]) == (True, 1), "seen first"
    look = opened(person, look.path)
    assert "You changed fields" in look.text
    done = sent(person, going_on(look), do="import")
    found = ended(client, id_at(done.path))
    assert (found["state"], found["created"]) == ("succeeded", 1)


def test_fields_that_nobody_writes_are_told_to_be_let_go(
    person: Person, client: Client
) -> None:
    content = b'{"name": "Ignoring", "created_by": "usr_0", "etag": "1"}\n'
    first = tried(person, client, content, resource="companies", format="ndjson")
    for each in ("They would be let go", "<code>created_by</code> in 1 row"):
        assert each in first.text


def test_what_was_typed_into_the_fields_stays_with_its_faults(
    person: Person, client: Client
) -> None:
    first = tried(person, client, b"A,B\nx,y\n")
    form = going_on(first)
    main, _, other = first.text.partition('name="do" value="look"')
    assert 'value="import"' in other, "no row was good: there is nothing to import"
    assert 'value="import"' not in main
    wrong = sent(person, form, do="look", c0="frist_name", c1="last_name")
    assert wrong.answer.status == 400
    fields = going_on(wrong).fields
    assert (fields["c0"], fields["c1"]) == ("frist_name", "last_name")
    assert wrong.text.count('aria-invalid="true" aria-describedby="fault-c0"') == 1
    again = opened(person, f"{IMPORTS}/new?resource=contacts&locale=de-DE").text
    assert '<option value="de-DE" selected>' in again
    assert "resource=contacts" in first.text
    assert "Windows, Western Europe" in first.text


def test_no_row_breaks_the_list_of_imports(person: Person, client: Client) -> None:
    deep = '{"first_name": ' + '{"a": ' * 40 + "1" + "}" * 41
    at = begun(person, format="ndjson")
    (form,) = (each for each in opened(person, at).forms if "/file" in each.action)
    assert upload(person, form, deep.encode()).status == 303
    seconds = time.monotonic() + 30
    while "Failed" not in (page := opened(person, IMPORTS)).text:
        assert page.answer.status == 200
        assert time.monotonic() < seconds, "the import did not end"
    assert id_at(at) in page.text


def test_an_import_outlives_the_session(desk: Scene, client: Client) -> None:
    leaving = user(desk, "admin")
    page = tried(leaving, client, people(*(new_email() for _ in range(300))))
    done = sent(leaving, going_on(page), do="import")
    sent(leaving, next(e for e in opened(leaving, "/account").forms))  # logs out
    found = ended(client, id_at(done.path))
    assert (found["state"], found["created"]) == ("succeeded", 300)
    assert set(statuses(rows_of(client, found["id"]))) == {"created"}


def test_members_see_their_own_and_viewers_begin_none(
    desk: Scene, client: Client, person: Person
) -> None:
    member, other = user(desk, "member"), user(desk, "member")
    viewer = user(desk, "viewer")
    page = tried(member, client, people(new_email()))
    at = page.path
    done = sent(member, going_on(page), do="import")
    ended(client, id_at(done.path))
    for path in (at, done.path, f"{done.path}/errors.csv"):
        assert member.send("GET", path).status == 200
        assert person.send("GET", path).status == 200, "owners see all"
        assert other.send("GET", path).status == 404
        assert viewer.send("GET", path).status == 404
    for stranger in (other, viewer):
        assert id_at(at) not in opened(stranger, IMPORTS).text
        assert "No job was begun yet" in opened(stranger, JOBS).text
    assert "Import the whole file" not in opened(person, at).text, "it is not theirs"
    refused = viewer.send("GET", f"{IMPORTS}/new")
    assert refused.status == 403
    assert f"{IMPORTS}/new" not in opened(viewer, IMPORTS).text


def test_nobody_sends_a_file_for_somebody_else(desk: Scene, person: Person) -> None:
    at, other = begun(person), user(desk, "admin")
    (form,) = (each for each in opened(person, at).forms if "/file" in each.action)
    taken = {"form_token": form_at(other, f"{IMPORTS}/new").fields["form_token"]}
    refused = upload(other, Form(form.action, taken), b"a\n")
    assert refused.status == 403, "only who began it"
    foreign = upload(person, Form(form.action, taken), b"a\n")
    assert foreign.status == 403, "a form of another session"
    again = opened(person, at).text
    assert "Choose the file" in again, "it still waits"


def test_what_is_no_form_with_a_file_is_refused(person: Person) -> None:
    at = begun(person)
    (form,) = (each for each in opened(person, at).forms if "/file" in each.action)
    assert upload(person, form, b"", name="").status == 409
    plain = person.post(form.action, form.fields)
    assert isinstance(plain, Page)
    assert plain.answer.status == 400
    cut = person.send("POST", form.action, b"")
    assert cut.status == 400
    assert upload(person, form, people(new_email())).status == 303
    late = upload(person, form, people(new_email()))
    assert late.status == 409, "its file is there"


def test_faults_of_the_form_are_told(person: Person) -> None:
    form = form_at(person, f"{IMPORTS}/new")
    page = sent(person, form, resource="companies", mode=UPSERT, locale="xx-XX")
    assert page.answer.status == 400
    assert "Give match_on" in page.text
    assert "Give one of en-US" in page.text


def test_records_are_exported_and_their_file_taken(
    desk: Scene, client: Client, person: Person
) -> None:
    email = new_email()
    client.create("/contacts", {"email": email})
    form = form_at(person, f"{EXPORTS}/new")
    assert sent(person, form).answer.status == 400, "it names no records"
    page = sent(person, form, contacts="on", format="ndjson")
    export = client.get(f"/exports/{id_at(page.path)}").json
    client.post(f"/jobs/{export['job_id']}/wait", {"wait_seconds": 20})
    assert "contacts-1.ndjson" in opened(person, page.path).text
    file = person.send("GET", f"{page.path}/files/1")
    assert (file.status, email in file.body.decode()) == (200, True)
    assert file.headers["content-length"] == str(len(file.body))
    viewer = user(desk, "viewer")
    assert viewer.send("GET", f"{page.path}/files/1").status == 404
    assert person.send("GET", f"{page.path}/files/2").status == 404
    assert Person(person.address).send("GET", f"{page.path}/files/1").status == 303


def test_an_erasure_destroys_what_a_dry_run_keeps(
    person: Person, client: Client
) -> None:
    contact = client.create("/contacts", {"email": new_email()})
    page = tried(person, client, people(contact["email"]))
    assert going_on(page)
    at = f"/contacts/{contact['id']}/erase"
    erased = client.post(at, {"reason": "She asked for it."})
    assert erased.status == 200, erased.body
    after = opened(person, page.path)
    assert "Import the whole file" not in after.text
    refused = sent(person, going_on(page), do="import")
    assert refused.answer.status == 409
