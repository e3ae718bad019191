"""A run as a chart or as a table: what `Accept` says, and what names may hold."""

import csv
import io
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.reports.kept import report

SVG = "{http://www.w3.org/2000/svg}"
PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
HOSTILE = (
    '"><script>alert(1)</script>',
    "]]></style><img src=x onerror=alert(1)>",
    "&lt;b&gt; ' \"",
    "שלום \u202eoverridden",
    "😀 café",
    "javascript:alert(1)",
    "${7*7} {{7*7}} datum.value",
    "x" * 100,
)


@pytest.fixture
def made(owner: Client) -> Any:
    """A report of contacts by source; each source is hostile."""
    for number, name in enumerate(HOSTILE):
        email = f"{number}@example.com"
        owner.create("/contacts", {"email": email, "source": name})
    return owner.create("/reports", report(name='<script>"&'))


def run(client: Client, made: Any, *accepted: str) -> Any:
    headers = {"accept": ", ".join(accepted)} if accepted else {}
    return client.post(f"/reports/{made['id']}/run", {}, **headers)


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("image/svg+xml", "image/svg+xml"),
        ("image/*", "image/svg+xml"),
        ("image/png, image/svg+xml;q=0.5", "image/png"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/csv;q=0.2, application/json;q=0.1", "text/csv; charset=utf-8"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_accept_decides_which_form(
    owner: Client, made: Any, accepted: str, given: str
) -> None:
    answer = run(owner, made, accepted)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == given
    assert "Accept" in answer.headers["vary"]
    assert answer.headers["x-ratelimit-limit"]


@pytest.mark.parametrize(
    "accepted", ["text/html", "image/jpeg", "application/json;q=0"]
)
def test_who_takes_no_form_is_refused(owner: Client, made: Any, accepted: str) -> None:
    answer = run(owner, made, accepted)
    assert answer.status == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert "image/svg+xml" in answer.json["detail"]


def test_a_chart_is_text_for_people_and_for_screen_readers(
    owner: Client, made: Any
) -> None:
    answer = run(owner, made, "image/svg+xml")
    root = ET.fromstring(answer.body)  # noqa: S314 - our own
    assert root.get("role") == "img"
    title, described = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert described is not None
    assert title.text == '<script>"&'
    assert (described.text or "").startswith("Bar chart of contacts by source.")
    texts = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    assert HOSTILE[0] in texts, "a name is drawn as it is"
    style = root.find(f"{SVG}style")
    assert style is not None
    assert "prefers-color-scheme:dark" in (style.text or "")


def test_no_name_becomes_more_than_text(owner: Client, made: Any) -> None:
    answer = run(owner, made, "image/svg+xml")
    root = ET.fromstring(answer.body)  # noqa: S314 - our own
    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    drawn = {"svg", "title", "desc", "style", "rect", "g", "path", "line", "text"}
    assert tags <= drawn
    names = {name for each in root.iter() for name in each.attrib}
    assert not {name for name in names if name.startswith("on") or "href" in name}
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "\u202e" not in answer.body.decode()


def test_a_picture_is_a_picture(owner: Client, made: Any) -> None:
    assert run(owner, made, "image/png").body.startswith(PNG_BEGINS)


def test_a_table_has_exact_numbers_and_runs_nothing(owner: Client, made: Any) -> None:
    owner.create("/contacts", {"email": "f@example.com", "source": "=1+1"})
    answer = run(owner, made, "text/csv")
    heads, *rows = csv.reader(io.StringIO(answer.body.decode()))
    assert heads == ["source", "contacts"]
    found: dict[str, str] = dict(rows)
    assert found["'=1+1"] == "1"
    assert found[HOSTILE[4]] == "1"


def test_amounts_are_told_by_currency(owner: Client) -> None:
    for value, currency in ((0.1, "EUR"), (0.2, "EUR"), (7, "USD")):
        given = {"name": "Deal", "value": value, "currency": currency}
        owner.create("/deals", given)
    grouped = {
        "group_by": [{"field": "status"}],
        "measures": [
            {"op": "count", "as": "deals"},
            {"op": "sum", "field": "value", "as": "worth"},
        ],
    }
    made = owner.create("/reports", report(resource="deals", aggregate=grouped))
    table = run(owner, made, "text/csv").body.decode()
    assert table.splitlines() == [
        "status,deals,worth EUR,worth USD",
        "open,3,0.3,7",
    ]
    assert b"0.3 EUR" in run(owner, made, "image/svg+xml").body
