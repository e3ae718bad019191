"""E-mail templates: what is kept of them, and what they are filled with."""

from typing import Any

import pytest

from tests.client import Client

TEXT = {"name": "Greeting", "subject": "Hello", "text": "Hello"}


def template(client: Client, **given: Any) -> Any:
    return client.create("/email_templates", {**TEXT, **given})


def fill(client: Client, made: Any, contact_id: str) -> Any:
    path = f"/email_templates/{made['id']}/render"
    return client.post(path, {"contact_id": contact_id})


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"text": None}, {"html": "required"}),
        ({"subject": None}, {"subject": "required"}),
        ({"subject": "x" * 256}, {"subject": "too_long"}),
        ({"subject": "{{ name"}, {"subject": "invalid"}),
        ({"text": "{% if a %}"}, {"text": "invalid"}),
        ({"text": "{% include 'other' %}"}, {"text": "invalid"}),
        ({"text": "{{ a | shout }}"}, {"text": "invalid"}),
        ({"text": "ü" * 40_000}, {"text": "too_long"}),
        ({"html": "ü" * 140_000}, {"html": "too_long"}),
        ({"html": "<div>" * 101}, {"html": "invalid"}),
        ({"html": "<script>{{ a }}</script>"}, {"html": "invalid"}),
        ({"html": "<script></script>", "text": None}, {"html": "required"}),
        ({"html": "<!--{{ contact.email }}-->a"}, {"html": "invalid"}),
        ({"html": "&" * 20_001}, {"html": "invalid"}),
        ({"text": "{{ contcat.email }}"}, {"text": "invalid"}),
        ({"subject": "{{ contact.firstname }}"}, {"subject": "invalid"}),
        ({"html": "{{ contact.__class__ }}"}, {"html": "invalid"}),
        (
            {"html": "{% x %}", "subject": "{{"},
            {"html": "invalid", "subject": "invalid"},
        ),
    ],
)
def test_what_cannot_be_a_template_is_refused(
    owner: Client, given: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = owner.post("/email_templates", {**TEXT, **given})
    assert answer.status == 422, answer.body
    assert {each["field"]: each["code"] for each in answer.json["errors"]} == codes


def test_a_fault_is_told_with_its_line(owner: Client) -> None:
    answer = owner.post("/email_templates", {**TEXT, "html": "<p>\n\n{% if %}</p>"})
    assert answer.json["errors"][0]["message"].startswith("Line 3: ")


def test_a_misspelt_name_is_told_with_the_nearest(owner: Client) -> None:
    given = {**TEXT, "text": "Hello\n{{ contact.frist_name }}"}
    (fault,) = owner.post("/email_templates", given).json["errors"]
    assert fault["message"] == (
        "Line 2: There is no value frist_name of contact. Do you mean first_name?"
    )


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<!--[if mso]><script>a()</script><![endif]-->x", "x"),
        (
            "<table>{% for t in contact.tags %}<tr><td>{{ t }}</td></tr>{% endfor %}"
            "</table>",
            None,
        ),
        ("<table><tbody><tr><td>1</td></tr></tbody></table>", None),
    ],
)
def test_comments_go_and_tables_stay(
    owner: Client, html: str, kept: str | None
) -> None:
    assert template(owner, html=html)["html"] == (html if kept is None else kept)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ contact.lead_score }}", "0"),
        ("{% if contact.lead_score >= 0 %}yes{% endif %}", "yes"),
        ("{{ contact.lead_score | default: 'none' }}", "0"),
        ("[{{ contact.tags | join: ', ' }}]", "[]"),
        ("{% if contact.tags.size == 0 %}none{% endif %}", "none"),
        ("[{{ contact.job_title | sort | join }}]", "[]"),
        ("[{{ contact.job_title | reverse }}]", "[]"),
        ("{{ contact.first }}{{ contact | last }}", None),
        ("{% for each in contact %}{{ each }}{% endfor %}", None),
    ],
)
def test_what_is_empty_is_empty_and_a_zero_is_none(
    owner: Client, text: str, told: str | None
) -> None:
    contact = owner.create("/contacts", {"email": "a@b.example", "lead_score": 0})
    answer = fill(owner, template(owner, text=text), contact["id"])
    assert told in (None, answer.json["text"])
    assert "None" not in answer.json["text"]
    assert "('" not in answer.json["text"]


def test_a_subject_controls_nothing(owner: Client) -> None:
    contact = owner.create("/contacts", {"phone": "123"})
    subject = "a\x1b[31m\u202eb {{ contact.phone }}"
    answer = fill(owner, template(owner, subject=subject), contact["id"])
    assert answer.json["subject"] == "a [31m b 123"


def test_html_is_kept_clean_and_with_its_liquid(owner: Client) -> None:
    html = (
        "<p onclick='a()'>{% if contact.lead_score < 3 %}new{% endif %}</p>"
        "<script>alert(1)</script><a href='javascript:a()'>x</a>"
        "<a href='{{ contact.source }}'>y</a><form><input></form>"
    )
    kept = (
        "<p>{% if contact.lead_score < 3 %}new{% endif %}</p>"
        '<a>x</a><a href="{{ contact.source }}">y</a>'
    )
    made = template(owner, html=html)
    assert made["html"] == kept
    path = f"/email_templates/{made['id']}"
    again = owner.patch(path, {"html": kept})
    assert again.json["updated_at"] == made["updated_at"]  # nothing differs
    assert owner.patch(path, {"html": "<div>" * 101}).status == 422
    assert owner.patch(path, {"html": None, "text": None}).status == 422


def test_a_template_is_filled_with_a_contact_its_company_and_the_caller(
    owner: Client,
) -> None:
    company = owner.create("/companies", {"name": "Fish & Ships"})
    given = {"first_name": "<Ada>", "email": "a@b.example", "lifecycle_stage": "lead"}
    more = {"company_id": company["id"], "tags": ["x", "y"], "lead_score": 7}
    contact = owner.create("/contacts", given | more)
    liquid = (
        "{{ contact.first_name }} {{ company.name }} {{ contact.lifecycle_stage }}"
        " {{ contact.lead_score | plus: 1 }}"
        "{% for tag in contact.tags %} {{ tag }}{% endfor %}"
        "{{ contact.job_title }}{{ contact }} {{ user.name }}"
    )
    made = template(owner, subject=liquid, html=f"<p>{liquid}</p>", text=None)
    me = owner.get("/me").json["user"]["name"]
    told = f"<Ada> Fish & Ships lead 8 x y {me}"
    safe = told.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    answer = fill(owner, made, contact["id"])
    assert answer.status == 200, answer.body
    assert answer.json == {"subject": told, "html": f"<p>{safe}</p>", "text": told}
    written = template(owner, text=liquid)
    answer = fill(owner, written, contact["id"])
    assert answer.json == {"subject": "Hello", "html": None, "text": told}


def test_values_cannot_bring_scripts(owner: Client) -> None:
    given = {"email": "a@b.example", "source": "javascript:alert(1)"}
    contact = owner.create("/contacts", given)
    html = "<a href='{{ contact.source }}'>x</a>{{ '<script>a()</script>' }}"
    answer = fill(owner, template(owner, html=html), contact["id"])
    assert answer.json["html"] == "<a>x</a>"


def test_a_sensitive_field_stays_empty_for_whom_it_is_masked(
    owner: Client, member: Client
) -> None:
    field = {
        "object": "contacts",
        "key": "salary",
        "type": "integer",
        "label": "Salary",
    }
    owner.create("/fields", field | {"sensitive": True})
    given = {"email": "a@b.example", "custom_fields": {"salary": 5}, "owner_id": None}
    contact = owner.create("/contacts", given)
    made = template(owner, text="[{{ contact.custom_fields.salary }}]")
    assert fill(owner, made, contact["id"]).json["text"] == "[5]"
    assert fill(member, made, contact["id"]).json["text"] == "[]"


def test_a_contact_that_is_not_seen_is_not_there(owner: Client, member: Client) -> None:
    contact = owner.create("/contacts", {"email": "a@b.example"})
    made = template(owner)
    for who, its in ((member, contact["id"]), (owner, "con_" + "0" * 24), (owner, "x")):
        answer = fill(who, made, its)
        assert answer.status == 422, answer.body
        fault = answer.json["errors"][0]
        assert (fault["field"], fault["code"]) == ("contact_id", "not_found")
    gone = {"id": "etp_" + "0" * 24}
    assert fill(owner, gone, contact["id"]).status == 404


def test_what_takes_too_long_is_refused_when_it_is_filled(owner: Client) -> None:
    contact = owner.create("/contacts", {"email": "a@b.example"})
    loop = "{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}"
    answer = fill(owner, template(owner, text=loop), contact["id"])
    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == "text"


def test_changes_of_long_templates_come_in_pages_that_fit(owner: Client) -> None:
    made = template(owner, html="0" + "x" * 262_000)
    path, texts = f"/email_templates/{made['id']}", []
    for number in range(1, 13):
        changed = owner.patch(path, {"html": f"{number}" + "x" * 262_000})
        assert changed.status == 200
    body: dict[str, Any] = {"limit": 100, "fields": ["html"]}
    while True:
        page = owner.post(f"{path}/history", body)
        assert page.status == 200
        assert len(page.body) < 4 * 1024**2
        texts += [each["to"].rstrip("x") for each in page.json["data"]]
        if not page.json["meta"]["cursor"]["has_more"]:
            break
        body["cursor"] = page.json["meta"]["cursor"]["next"]
    assert texts == [str(number) for number in range(12, -1, -1)]


def test_long_templates_come_in_pages_that_fit(owner: Client) -> None:
    for number in range(20):
        template(owner, name=f"Long {number}", html="x" * 262_000, text=None)
    found, body = list[str](), dict[str, Any]()
    while True:
        page = owner.post("/email_templates/search", {"limit": 100, **body})
        assert page.status == 200
        found += [each["id"] for each in page.json["data"]]
        if not page.json["meta"]["cursor"]["has_more"]:
            break
        body = {"cursor": page.json["meta"]["cursor"]["next"]}
    assert len(found) == len(set(found)) == 20
