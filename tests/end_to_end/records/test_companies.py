"""Companies: the forms of their fields, and by what they are found."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.world import Tenant

ACME = {
    "name": "Acme Gears",
    "domain": "acme.example",
    "website": "https://www.acme.example/About",
    "industry": "Machinery",
    "phone": "+49 (30) 1234-567",
    "description": "Makes gears.\n  And cogs. ",
}


def found(client: Client, **body: Any) -> list[str]:
    return [record["name"] for record in client.search("/companies", **body)["data"]]


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("name", "  Acme\tGears ", "Acme\tGears"),
        ("domain", " Acme.EXAMPLE ", "acme.example"),
        ("domain", "BÜCHER.example", "bücher.example"),
        ("domain", "a-1.b2.example.co.uk", "a-1.b2.example.co.uk"),
        (
            "website",
            "HTTP://Acme.example:8080/A?b=C#d",
            "HTTP://Acme.example:8080/A?b=C#d",
        ),
        ("website", " https://1.2.3.4 ", "https://1.2.3.4"),
        ("description", "  kept\r\n as it is ", "  kept\r\n as it is "),
        ("phone", " (030) 12 34 ", "(030) 12 34"),
        ("domain", "  ", None),
        ("employee_count", 0, 0),
        ("annual_revenue", 0, 0),
    ],
)
def test_a_field_is_kept_in_its_form(
    owner: Client, field: str, given: object, kept: object
) -> None:
    made = owner.create("/companies", {"name": "Acme", field: given})
    assert made[field] == kept
    assert owner.get(f"/companies/{made['id']}").json == made


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("domain", "https://acme.example", "invalid_format"),
        ("domain", "acme", "invalid_format"),
        ("domain", "acme..example", "invalid_format"),
        ("domain", "-acme.example", "invalid_format"),
        ("domain", "ac me.example", "invalid_format"),
        ("domain", "acme.example/about", "invalid_format"),
        ("domain", "acme.example\n", None),
        ("website", "acme.example", "invalid_format"),
        ("website", "javascript:alert(1)", "invalid_format"),
        ("website", "https://", "invalid_format"),
        ("website", "https:///about", "invalid_format"),
        ("website", "https://acme.example/a b", "invalid_format"),
        ("website", "https://acme.example:99999", "invalid_format"),
        ("website", "https://[acme", "invalid_format"),
        ("website", "https://a.example/" + "x" * 2031, "too_long"),
        ("website", "https://a.example/" + "x" * 2030, None),
        ("phone", "12", "invalid_format"),
        ("employee_count", -1, "too_small"),
        ("name", " ", "required"),
        ("name", "x" * 256, "too_long"),
    ],
)
def test_what_a_field_takes(
    owner: Client, field: str, value: object, code: str | None
) -> None:
    answer = owner.post("/companies", {"name": "Acme", field: value})
    if code is None:
        assert answer.status == 201, answer.body
    else:
        assert (answer.status, answer.codes) == (422, {field: code})


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("gears", True),
        ("ACME.ex", True),
        ("/about", True),
        ("machin", True),
        ("acme machinery", True),
        ("cogs", False),
        ("1234", False),
    ],
)
def test_text_is_looked_for_in_what_is_searchable(
    owner: Client, text: str, is_found: bool
) -> None:
    owner.create("/companies", ACME)
    assert found(owner, search_text=text) == ["Acme Gears"] * is_found


@pytest.mark.parametrize("digits", ["49301234567", "+49 30 1234 567"])
def test_a_phone_is_compared_by_its_digits(owner: Client, digits: str) -> None:
    owner.create("/companies", ACME)
    condition = {"field": "phone", "operator": "eq", "value": digits}
    assert found(owner, filters=[condition]) == ["Acme Gears"]


def test_names_are_ordered_without_case(owner: Client) -> None:
    for name in ("beta", "Alpha", "alpha 2", "Beta"):
        owner.create("/companies", {"name": name})
    names = found(owner, order_by="name", sort_direction="asc")
    assert [name.lower() for name in names] == ["alpha", "alpha 2", "beta", "beta"]


def test_a_contact_is_found_by_its_company_where_all_companies_are_seen(
    owner: Client, tenant: Tenant, member: Client, open_client: OpenClient
) -> None:
    company = owner.create("/companies", ACME)["id"]
    body = {"email": "ada@x.example", "company_id": company, "owner_id": None}
    contact = owner.create("/contacts", body)["id"]
    viewer = open_client(tenant.tokens["viewer"])
    for client in (owner, viewer, member):
        page = client.search("/contacts", search_text="ada gears", include_total=True)
        expected = [] if client is member else [contact]
        assert [each["id"] for each in page["data"]] == expected
        assert page["meta"]["total"] == len(expected)
    owner.delete(f"/companies/{company}")
    assert owner.search("/contacts", search_text="gears")["data"] == []


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("owner", (201, 200, 204)),
        ("manager", (201, 200, 403)),
        ("member", (201, 200, 403)),
        ("viewer", (403, 403, 403)),
    ],
)
def test_a_role_may_do_what_it_grants(
    owner: Client,
    tenant: Tenant,
    open_client: OpenClient,
    role: str,
    statuses: tuple[int, ...],
) -> None:
    client = open_client(tenant.tokens[role])
    path = f"/companies/{owner.create('/companies', ACME | {'owner_id': None})['id']}"
    answers = (
        client.post("/companies", ACME),
        client.patch(path, {"industry": "Tools"}),
        client.delete(path),
    )
    assert tuple(answer.status for answer in answers) == statuses
    refused = [answer.json for answer in answers if answer.status == 403]
    assert {problem["refused_by"] for problem in refused} <= {"role"}
