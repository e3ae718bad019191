"""Contents: sent whole or in parts, and never seen before they are whole."""

import gzip
import hashlib
import os
import socket
from base64 import b64encode
from pathlib import Path

from services.iam.tokens import revoke_token
from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.imports.sending import (
    begun,
    ended,
    put,
    put_part,
    rows_of,
    statuses,
    table,
)
from tests.harness.promptly import within
from tests.world import Tenant, administer

ONE = b"email\na@t.example\n"
MIB = 1024 * 1024
# Where the programs of tests keep files: in the default folder of data.
FILES = Path(".data/files")


def files_in(folder: Path) -> list[str]:
    """The files below a folder, which may be deleted meanwhile."""
    return [name for _, _, names in os.walk(folder) for name in names]


def state_of(client: Client, import_id: str) -> str:
    return str(client.get(f"/imports/{import_id}").json["state"])


def test_parts_are_joined_in_the_order_of_their_numbers(owner: Client) -> None:
    import_id = begun(owner)
    start = f"/imports/{import_id}/start"
    assert owner.post(start).status == 409
    assert put_part(owner, import_id, 3, b"c@u.example\n").status == 200
    assert put_part(owner, import_id, 1, b"email\na@u.exa").status == 200
    missing = owner.post(start)
    assert missing.status == 409
    assert "missing: 2" in missing.json["detail"]
    assert put_part(owner, import_id, 2, b"wrong").status == 200
    second = b"mple\nb@u.example\n"
    sent = put_part(owner, import_id, 2, second).json  # again, as another one
    assert [each["number"] for each in sent["parts"]] == [1, 2, 3]
    assert sent["parts"][1] == {
        "number": 2,
        "bytes": len(second),
        "sha256": hashlib.sha256(second).hexdigest(),
    }
    assert state_of(owner, import_id) == "waiting_for_content"
    assert put(owner, import_id, ONE).status == 409  # there are parts
    assert owner.post(start).status == 200
    assert owner.post(start).status == 409
    found = ended(owner, import_id)
    assert (found["created"], found["failed"]) == (3, 0)
    assert put_part(owner, import_id, 4, ONE).status == 409
    assert put(owner, import_id, ONE).status == 409


def test_a_content_larger_than_a_piece_arrives_whole(owner: Client) -> None:
    cell = "x" * 900
    rows = [f"p{number}@v.example,{cell}{number}" for number in range(2_400)]
    content = table("email,junk", *rows)
    assert len(content) > 2 * MIB
    import_id = begun(owner, dry_run=True)
    sent = put(owner, import_id, content).json
    assert sent["parts"][0]["bytes"] == len(content)
    assert sent["parts"][0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert ended(owner, import_id)["state"] == "succeeded"


def test_gzip_is_known_by_its_first_bytes(owner: Client) -> None:
    whole = table("email", *(f"p{number}@w.example" for number in range(50)))
    packed = gzip.compress(whole[:300]) + gzip.compress(whole[300:])
    for headers in ({}, {"content_encoding": "gzip"}):
        import_id = begun(owner, dry_run=True)
        assert put(owner, import_id, packed, **headers).status == 200
        found = ended(owner, import_id)
        assert found["state"] == "succeeded", found["problem"]
        assert len(found["result"]["rows"]) == 10
    import_id = begun(owner)
    refused = put(owner, import_id, packed, content_encoding="br")
    assert refused.status == 415


def test_a_content_that_is_not_what_was_said_is_refused(owner: Client) -> None:
    import_id, good = begun(owner), b64encode(hashlib.sha256(ONE).digest()).decode()
    bad = b64encode(hashlib.sha256(b"other").digest()).decode()
    refused = put(owner, import_id, ONE, content_digest=f"sha-256=:{bad}:")
    assert refused.status == 400
    assert state_of(owner, import_id) == "waiting_for_content"
    form = put(owner, import_id, ONE, content_type="multipart/form-data; boundary=x")
    assert form.status == 415
    sent = put(owner, import_id, ONE, content_digest=f"sha-256=:{good}:")
    assert sent.status == 200
    assert ended(owner, import_id)["created"] == 1


def cut(client: Client, import_id: str) -> None:
    """Begins to send contents, and closes the connection in the middle of them."""
    host, port = client.address.split(":")
    head = (
        f"PUT /v1/imports/{import_id}/content HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {client.token}\r\nVersion: {client.version}\r\n"
    )
    for framing in ("Content-Length: 3000000\r\n", "Transfer-Encoding: chunked\r\n"):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"{head}{framing}\r\n".encode())
            body = b"email\n" + b"x" * 2_000_000
            if "chunked" in framing:
                body = f"{len(body):x}\r\n".encode() + body + b"\r\n"
            connection.sendall(body)


def test_a_content_that_is_cut_is_never_seen(owner: Client) -> None:
    import_id = begun(owner)
    cut(owner, import_id)
    found = owner.get(f"/imports/{import_id}").json
    assert (found["state"], found["parts"]) == ("waiting_for_content", [])
    assert put(owner, import_id, ONE).status == 200
    assert ended(owner, import_id)["created"] == 1


def test_a_content_that_is_too_large_is_refused_before_it_is_read(
    owner: Client,
) -> None:
    import_id = begun(owner)
    host, port = owner.address.split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(
            f"PUT /v1/imports/{import_id}/content HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {owner.token}\r\nVersion: {owner.version}\r\n"
            f"Content-Length: {2 * 1024**3 + 1}\r\n\r\n".encode()
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_nobody_else_sends_a_content(
    tenant: Tenant, open_client: OpenClient, stranger: Client
) -> None:
    owner, member = (open_client(tenant.tokens[each]) for each in ("owner", "member"))
    import_id = begun(member)
    assert put(stranger, import_id, ONE).status == 404
    assert owner.get(f"/imports/{import_id}").status == 200
    assert put(owner, import_id, ONE).status == 403
    assert owner.post(f"/imports/{import_id}/start").status == 403
    reader = open_client(tenant.token(("contact.read",), "member"))
    assert put(reader, import_id, ONE).status == 403
    mine = begun(owner)
    assert member.get(f"/imports/{mine}").status == 404
    assert put(member, mine, ONE).status == 404
    assert open_client(None).send("PUT", f"/imports/{mine}/content", ONE).status == 401
    assert put(member, import_id, ONE).status == 200
    found = ended(member, import_id)
    assert found["created"] == 1
    (row,) = rows_of(owner, import_id)
    assert stranger.post(f"/imports/{import_id}/rows/search", {}).status == 404
    assert stranger.get(f"/imports/{import_id}/errors.csv").status == 404
    contact = owner.get(f"/contacts/{row['id']}").json
    assert contact["owner_id"] == contact["created_by"] == found["created_by"]


def test_who_may_not_write_records_imports_none(
    tenant: Tenant, open_client: OpenClient
) -> None:
    viewer = open_client(tenant.tokens["viewer"])
    body = {"resource": "contacts", "mode": "create", "format": "csv"}
    assert viewer.post("/imports", body).status == 403
    member = open_client(tenant.tokens["member"])
    gone = {**body, "mode": "delete", "match_on": "id"}
    assert member.post("/imports", gone).status == 403


def test_a_token_that_is_revoked_ends_its_import(
    tenant: Tenant, open_client: OpenClient, owner: Client
) -> None:
    token = tenant.token()
    client = open_client(token)
    content = table("email", *(f"p{number}@x.example" for number in range(20_000)))
    import_id = begun(client)
    assert put(client, import_id, content).status == 200
    assert within(60, lambda: owner.get(f"/imports/{import_id}").json["rows"] > 0)
    administer(
        tenant.stack.database_url, lambda database: revoke_token(database, token)
    )
    found = ended(owner, import_id)
    assert (found["state"], found["problem"]["status"]) == ("failed", 403)
    assert 0 < found["rows"] < 20_000
    assert found["created"] == found["rows"]


def test_the_content_is_deleted_when_the_import_has_ended(
    owner: Client, tenant: Tenant
) -> None:
    import_id = begun(owner)
    put(owner, import_id, b"email\nbad\n")
    found = ended(owner, import_id)
    folder = FILES / tenant.business_id / "imports" / import_id
    assert within(60, lambda: not files_in(folder))
    assert found["failed"] == 1
    assert statuses(rows_of(owner, import_id)) == ["failed"]
    assert owner.get(f"/imports/{import_id}/errors.csv").body.count(b"\n") == 2


def test_errors_wait_for_the_end(owner: Client) -> None:
    import_id = begun(owner)
    assert owner.get(f"/imports/{import_id}/errors.csv").status == 409
    put(owner, import_id, b"email\nbad\nworse\n")
    ended(owner, import_id)
    path = f"/imports/{import_id}/errors.csv"
    whole = owner.get(path).body
    part = owner.send("GET", path, range="bytes=3-9")
    assert (part.status, part.body) == (206, whole[3:10])


def test_errors_are_there_while_the_content_is_deleted(owner: Client) -> None:
    """The end of the job deletes the import's files, at the moment of the request."""
    for number in range(12):
        import_id = begun(owner)
        put(owner, import_id, b"email\n" + b"bad\n" * 200)
        ended(owner, import_id)
        answer = owner.get(f"/imports/{import_id}/errors.csv")
        assert answer.status == 200, (number, answer.body)
        assert answer.body.count(b"\n") == 201


def test_an_erasure_reaches_what_was_rejected(owner: Client, tenant: Tenant) -> None:
    ada = {"email": "ada@gone.example", "first_name": "Ada", "last_name": "Łoś"}
    contact = owner.create("/contacts", ada)
    content = table(
        "email,first_name,last_name,lead_score",
        "ADA@gone.example,A,B,999",
        "bad,Ada,Łoś,1",
        "bad,Ada,Byron,1",
    )
    import_id = begun(owner)
    put(owner, import_id, content)
    ended(owner, import_id)
    path = f"/imports/{import_id}/errors.csv"
    assert b"gone.example" in owner.get(path).body
    assert (
        owner.post(f"/contacts/{contact['id']}/erase", {"reason": "asked"}).status
        == 200
    )
    folder = FILES / tenant.business_id / "imports" / import_id
    assert within(60, lambda: not files_in(folder))
    left = owner.get(path).body
    assert b"gone" not in left.lower()
    assert "Łoś".encode() not in left
    assert b"bad,Ada,Byron,1" in left
    assert len(rows_of(owner, import_id)) == 3


def test_an_erasure_destroys_what_is_not_imported_yet(owner: Client) -> None:
    contact = owner.create("/contacts", {"email": "ada@waits.example"})
    import_id = begun(owner)
    assert put_part(owner, import_id, 1, b"email\nada@waits.example\n").status == 200
    empty = begun(owner)
    erased = owner.post(f"/contacts/{contact['id']}/erase", {"reason": "asked"})
    assert erased.status == 200
    found = owner.get(f"/imports/{import_id}").json
    assert (found["state"], found["parts"]) == ("failed", [])
    assert found["problem"]["type"].endswith("gone")
    assert owner.post(f"/imports/{import_id}/start", {}).status == 409
    # One without a content has nothing to lose.
    assert put(owner, empty, ONE).status == 200
    assert ended(owner, empty)["created"] == 1


def test_blank_rows_of_a_spreadsheet_are_no_faults(owner: Client) -> None:
    content = b"email;first_name\na@blank.example;A\n;;\n;\nbad;B\n;;;;\n;;;;\n"
    import_id = begun(owner)
    put(owner, import_id, content)
    assert ended(owner, import_id)["rows"] == 2
    assert [each["row"] for each in rows_of(owner, import_id)] == [1, 4]
