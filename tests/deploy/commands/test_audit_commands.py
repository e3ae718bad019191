"""What an operator can read and end: the audit and the apps, while servers run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.deploy import program
from tests.harness.people.oauth import Oauth

EMAIL, SECRET = "ann@acme.example", "correct horse"
ADDRESS = "203.0.113.7"


@pytest.fixture(scope="module")
def oauth(data_dir: Path) -> Iterator[Oauth]:
    """OAuth of a running program with a tenant `Acme` and a user who can log in."""
    arguments = program.serve(data_dir, "--no-demo")
    with program.started(*arguments) as server:
        place = ("--data-dir", str(data_dir))
        program.output("tenant", "create", "--name", "Acme", *place)
        who = ("--tenant", "Acme", "--email", EMAIL, "--role", "owner")
        program.output("user", "create", *who, "--password", SECRET, *place)
        with grpc.insecure_channel(server.grpc) as channel:
            yield Oauth(channel)


def lines(data_dir: Path, *arguments: str) -> list[dict[str, Any]]:
    """What a command prints, a JSON object a line."""
    printed = program.output(*arguments, "--data-dir", str(data_dir))
    return [json.loads(line) for line in printed.splitlines()]


def test_the_audit_tells_who_let_whom_in(oauth: Oauth, data_dir: Path) -> None:
    app = oauth.register()
    who = oauth.log_in(EMAIL, password=SECRET, address=ADDRESS)
    tokens = oauth.exchange(app, oauth.grant(app, who))
    oauth.revoke(app, tokens.refresh_token)
    told = lines(data_dir, "audit", "--tenant", "Acme")[:4]
    events = [(each["event"], each["client_id"] == app.id, each["ip"]) for each in told]
    assert events == [
        ("authorization_revoked_by_app", True, None),
        ("code_exchanged", True, "192.0.2.8"),
        ("granted", True, "192.0.2.7"),
        ("logged_in", False, ADDRESS),
    ]
    assert len({each["user_id"] for each in told}) == 1
    assert len({each["business_id"] for each in told}) == 1
    moments = [each["at"] for each in told]
    assert moments == sorted(moments, reverse=True)
    everything = lines(data_dir, "audit", "--since", "1h")
    assert ("app_registered", app.id) in [
        (each["event"], each["client_id"]) for each in everything
    ]
    assert len(lines(data_dir, "audit", "--tenant", "Acme", "--limit", "1")) == 1
    none = program.run("audit", "--limit", "-1", "--data-dir", str(data_dir))
    assert (none.returncode, "Traceback" in none.stderr) == (2, False)


def test_the_audit_tells_which_token_was_revoked(oauth: Oauth, data_dir: Path) -> None:
    place = ("--data-dir", str(data_dir))
    whose = ("--tenant", "Acme", "--user", EMAIL, "--scopes", "deal.read")
    token = program.output("token", "create", *whose, *place)
    program.output("token", "revoke", "--token", token, *place)
    revoked, created = lines(data_dir, "audit", "--tenant", "Acme", "--limit", "2")
    assert (created["event"], revoked["event"]) == ("token_created", "token_revoked")
    assert created["target"].startswith("pat_")
    assert revoked["target"] == created["target"]


def test_the_chain_is_verified(oauth: Oauth, data_dir: Path, tmp_path: Path) -> None:
    oauth.log_in(EMAIL, password=SECRET)
    place = ("--data-dir", str(data_dir))
    nobody, acme = lines(data_dir, "audit", "verify")
    assert (nobody["business_id"], nobody["found"]) == ("", [])
    assert acme["found"] == []
    assert acme["entries"] == acme["place"] > 0
    known = tmp_path / "heads"
    known.write_text(json.dumps(acme) + "\n")
    oauth.log_in(EMAIL, password=SECRET)
    (later,) = lines(
        data_dir, "audit", "verify", "--tenant", "Acme", "--known", str(known)
    )
    assert (later["found"], later["place"]) == ([], acme["place"] + 1)
    known.write_text(json.dumps(acme | {"hash": "00" * 32}) + "\n")
    other = program.run("audit", "verify", "--known", str(known), *place)
    assert other.returncode == 1
    assert "is not the entry that was known there" in other.stdout
    known.write_text("[]")
    wrong = program.run("audit", "verify", "--known", str(known), *place)
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (1, False)


def test_apps_are_listed_and_deleted(oauth: Oauth, data_dir: Path) -> None:
    app = oauth.register(client_name="Doomed")
    who = oauth.log_in(EMAIL, password=SECRET)
    oauth.exchange(app, oauth.grant(app, who))
    listed = lines(data_dir, "app", "list")
    assert listed[0]["client_id"] == app.id
    assert listed[0]["client_name"] == "Doomed"
    place = ("--data-dir", str(data_dir))
    deletion = ("app", "delete", "--client-id", app.id, *place)
    assert program.output(*deletion) == ""
    assert app.id not in [each["client_id"] for each in lines(data_dir, "app", "list")]
    assert app.id not in [each.app.client_id for each in oauth.granted_apps(who)]
    again = program.run(*deletion)
    assert (again.returncode, again.stdout) == (1, "")
    assert "no such app" in again.stderr
