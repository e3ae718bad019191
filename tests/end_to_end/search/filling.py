"""Fills a tenant with records of every type, drawn at random."""

from collections.abc import Mapping, Sequence

from tests.client import Client
from tests.end_to_end.exports.exporting import exported
from tests.end_to_end.schema.custom import define_object
from tests.end_to_end.search.drawing import Filling
from tests.end_to_end.search.some_associations import associate_some
from tests.end_to_end.search.some_bookings import book_some
from tests.end_to_end.search.some_emails import mail_some
from tests.promises.oracle_records import RECORDS

MANY = 24  # of each type that has no fixed number

_NUMBERS = (None, 0, 1, 7, 42, 2026, 2**31 - 1)
_AMOUNTS = (None, 0, 0.01, 12.5, 1250.25, 99.99, 9_999_999_999_999.99, 10**13)
_DATES = (None, "2026-06-17", "2026-06-18", "2024-02-29", "0001-01-01", "9999-12-31")
_MOMENTS = (None, "2026-06-17T14:30:00Z", "2026-06-17T14:30:00.000001Z")
_PHONES = ("+49 (0) 30 / 123", "555-0100 x9", "#12.34.56", "+1 (424) 2-2007")

RECORDS_OF_OBJECT = "objects/licenses/records"
OTHER_OBJECT = "objects/projects/records"


def fill(make: Filling) -> None:
    _fields(make)
    _custom_records(make)
    _companies(make)
    ids = {"company_id": _ids(make.owner, "companies")}
    _contacts(make, ids["company_id"])
    ids["contact_id"] = _ids(make.owner, "contacts")
    _deals(make, ids)
    ids["deal_id"] = _ids(make.owner, "deals")
    for client in (make.owner, make.member):
        there = {
            "company_id": "companies",
            "contact_id": "contacts",
            "deal_id": "deals",
            "custom_record_id": RECORDS_OF_OBJECT,
        }
        seen = {link: _ids(client, path) for link, path in there.items()}
        _work(make, client, seen)
    book_some(make, MANY)
    _webhooks(make)
    _reports(make)
    _schedules(make)
    _consents(make, ids["contact_id"])
    mail_some(make, MANY)
    _imports(make)
    _exports(make)
    _sandboxes(make)
    associate_some(make.owner, make.random, make.text)
    for path in ("companies", "contacts", "deals", RECORDS_OF_OBJECT):
        for gone in _ids(make.owner, path)[:2]:
            assert make.owner.delete(f"/{path}/{gone}").status == 204


def _ids(client: Client, path: str) -> list[str]:
    return [record["id"] for record in client.pages(f"/{path}", limit=100)]


def _fields(make: Filling) -> None:
    """Definitions of keys that no record uses."""
    for number in range(MANY):
        kind = make.random.choice(("text", "select", "integer", "record"))
        body = {
            "object": make.random.choice(("contacts", "companies", "deals")),
            "key": f"own_{number % 7}_{number}",
            "type": kind,
            "label": f"{make.text()} {number % 5}",
            "group": make.maybe(make.text),
            "position": number % 4,
            "unique": kind == "integer" and number % 2 == 0,
        }
        if kind == "record":
            body["target"] = make.random.choice(("contacts", "companies"))
        if kind == "select":
            body["options"] = [{"value": "a", "label": "A"}]
        made = make.owner.create("/fields", body)
        if number % 6 == 0:
            assert make.owner.delete(f"/fields/{made['id']}").status == 204


def _custom_records(make: Filling) -> None:
    """Records of two objects. One of these is searched."""
    for slug in ("licenses", "projects"):
        define_object(make.owner, slug)
        for number in range(MANY):
            body = {"name": f"{make.text()} {number % 5}", **make.owned()}
            make.owner.create(f"/objects/{slug}/records", body)


def _reports(make: Filling) -> None:
    """Reports of both users, and dashboards without any."""
    figures = {"measures": [{"op": "count", "as": "all"}]}
    for number in range(MANY):
        body = {
            "name": f"{make.text()} {number % 5}",
            "resource": make.random.choice(("contacts", "companies", "deals")),
            "aggregate": figures,
            "chart": make.random.choice(("number", "table")),
            "visibility": make.random.choice(("tenant", "private")),
        }
        make.random.choice((make.owner, make.member)).create("/reports", body)
        make.owner.create("/dashboards", {"name": f"{make.text()} {number % 5}"})


def _schedules(make: Filling) -> None:
    """Schedules and busy times of both users, and meeting types without hosts."""
    clients = make.owner, make.member
    whose = [
        (each, each.create("/tasks", {"name": "Whose"})["created_by"])
        for each in clients
    ]
    for number in range(MANY):
        client, user = make.random.choice(whose)
        zone = make.random.choice(("Europe/Lisbon", "Asia/Tokyo"))
        body = {"user_id": user, "name": make.text(), "time_zone": zone}
        client.create("/schedules", body | {"is_default": number % 3 == 0})
        day = f"2027-03-{number % 28 + 1:02}"
        busy = {"starts_at": f"{day}T09:00:00Z", "ends_at": f"{day}T10:00:00Z"}
        source = {"source": make.random.choice(("calendar", "phone"))}
        its = {"external_id": f"{number}"} if number % 2 else {}
        client.create("/busy_times", busy | source | its | {"user_id": user})
        kind = {
            "name": f"{make.text()} {number % 5}",
            "slug": f"call-{number}",
            "durations": [30],
        }
        ways = make.random.choice(("one", "round_robin", "collective"))
        more = {"assignment": ways, "active": number % 4 > 0}
        make.owner.create("/meeting_types", kind | more)
        letter = {"name": f"{make.text()} {number % 5}", "subject": make.text()}
        make.owner.create("/email_templates", letter | {"text": "Hello"})


def _consents(make: Filling, contacts: Sequence[str]) -> None:
    """Topics, consents of some contacts, and suppressed addresses."""
    topics = []
    for number in range(MANY):
        requires = make.random.choice(("granted", "legitimate_interest"))
        topic = {"name": f"{make.text()} {number}", "requires": requires}
        more = {"description": make.maybe(make.text)}
        topics.append(make.owner.create("/topics", topic | more)["id"])
        consent = {
            "contact_id": make.random.choice(contacts),
            "topic_id": make.random.choice(topics),
            "status": make.random.choice(("granted", "denied")),
            "basis": make.maybe(make.text),
            "source": make.maybe(make.text),
        }
        make.owner.create("/consents", consent)
        reason = make.random.choice(("bounced", "complained", "manual"))
        address = {"address": f"Ada{number}@{number % 5}.example", "reason": reason}
        make.random.choice((make.owner, make.member)).create("/suppressions", address)
    for gone in topics[:2]:
        assert make.owner.delete(f"/topics/{gone}").status == 204


def _imports(make: Filling) -> None:
    """Imports that have not been started, so that none changes by itself."""
    for number in range(MANY):
        body = {
            "resource": make.random.choice(("contacts", "companies", "deals")),
            "mode": "create",
            "format": make.random.choice(("csv", "ndjson")),
            "dry_run": number % 3 == 0,
        }
        make.random.choice((make.owner, make.member)).create("/imports", body)


def _exports(make: Filling) -> None:
    """Exports that have ended, so that none changes by itself."""
    for _ in range(MANY // 2):
        filters = [{"field": "name", "operator": "eq", "value": make.text()}]
        exported(
            make.random.choice((make.owner, make.member)),
            make.random.choice(("contacts", "companies", "deals")),
            format=make.random.choice(("csv", "ndjson", "parquet")),
            filters=filters,
        )


def _sandboxes(make: Filling) -> None:
    """As many as a tenant may have."""
    for number in range(5):
        copy = ["nothing", "schema"][number % 2]
        name = f"{make.text()[:90]} {number}"  # some words are blank
        make.owner.create("/sandboxes", {"name": name, "copy": copy})


def _webhooks(make: Filling) -> None:
    """As many as a tenant may have.

    They send nothing, which would change their statistics: no webhook is deleted.
    """
    for number in range(20):
        body = {
            "url": f"https://example.com/{number % 3}/{number}",
            "types": ["webhook.deleted"],
            "description": make.maybe(make.text),
            "active": number % 3 > 0,
        }
        make.owner.create("/webhooks", body)


def _companies(make: Filling) -> None:
    for number in range(MANY):
        body = {
            "name": f"{make.text()} {number % 5}",
            "domain": make.maybe(f"a-{number}.14-30.example".lower),
            "website": make.maybe(f"https://x{number}.example/?a=%_#1".lower),
            "industry": make.maybe(make.text),
            "phone": make.random.choice((None, *_PHONES)),
            "employee_count": make.random.choice(_NUMBERS),
            "annual_revenue": make.random.choice(_AMOUNTS),
        }
        make.owner.create("/companies", {**body, **make.place(), **make.owned()})


def _contacts(make: Filling, companies: Sequence[str]) -> None:
    stages = RECORDS["contacts"].choices["lifecycle_stage"]
    for number in range(MANY):
        body = {
            "first_name": make.maybe(make.text),
            "last_name": make.maybe(make.text),
            "email": f"p{number}+1.0_%@14-30.example",
            "phone": make.random.choice((None, *_PHONES)),
            "company_id": make.maybe(lambda: make.random.choice(companies)),
            "job_title": make.maybe(make.text),
            "lifecycle_stage": make.random.choice(stages),
            "lead_score": make.random.choice((0, 7, 42, 100)),
            "source": make.maybe(make.text),
            "time_zone": make.random.choice(("Asia/Tokyo", "Europe/Paris", None)),
        }
        make.owner.create("/contacts", {**body, **make.place(), **make.owned()})


def _deals(make: Filling, links: Mapping[str, Sequence[str]]) -> None:
    (first, *_) = make.owner.search("/pipelines")["data"]
    for number in range(MANY):
        body = {
            "name": f"{make.text()} {number % 5}",
            "value": make.random.choice(_AMOUNTS),
            "currency": make.random.choice(("EUR", "BRL", None)),
            "expected_close_date": make.random.choice(_DATES),
            "source": make.maybe(make.text),
        }
        about = make.maybe(lambda: make.links(links)) or {}
        deal = make.owner.create("/deals", {**body, **about, **make.owned()})
        if stage := make.maybe(lambda: make.random.choice(first["stages"])):
            reason = {"lost_reason": make.text()} if stage["type"] == "lost" else {}
            move = {"stage_id": stage["id"], **reason}
            assert make.owner.post(f"/deals/{deal['id']}/stage", move).status == 200


def _work(make: Filling, client: Client, links: Mapping[str, Sequence[str]]) -> None:
    """Tasks, notes and activities of one user, linked to what they see."""
    random = make.random
    for number in range(MANY // 2):
        task = {
            "name": f"{make.text()} {number % 5}",
            "description": make.maybe(make.text),
            "priority": random.choice(("low", "medium", "high")),
            "due_date": random.choice(_DATES),
            "assignee_id": make.user(),
            **(make.maybe(lambda: make.links(links)) or {}),
        }
        made = client.create("/tasks", task)["id"]
        if number % 3 == 0:
            client.post(f"/tasks/{made}/complete")
        note = {"body": f"{make.text()}\n{make.text()}.", **make.links(links)}
        made = client.create("/notes", note)["id"]
        if number % 3 == 0:
            client.post(f"/notes/{made}/pin")
        activity = {
            "type": random.choice(("email", "call", "meeting")),
            "subject": make.maybe(make.text),
            "body": make.maybe(make.text),
            "direction": random.choice(("inbound", "outbound", None)),
            "occurred_at": random.choice(_MOMENTS),
            "duration_seconds": random.choice(_NUMBERS),
            **make.links(links),
        }
        client.create("/activities", activity)
