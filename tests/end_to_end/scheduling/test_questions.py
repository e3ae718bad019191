"""Questions of meeting types, and answers of bookings: judged, kept, and written on."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.scheduling.booked import a_type, asked
from tests.end_to_end.scheduling.kept import me, meeting

SIZES = [{"value": "small", "label": "1 to 10"}, {"value": "large", "label": "More"}]
QUESTIONS: list[dict[str, Any]] = [
    {"key": "topic", "label": "What is it about?", "type": "text", "required": True},
    {"key": "size", "label": "How many are you?", "type": "select", "options": SIZES},
    {"key": "role", "label": "Your role", "type": "text", "maps_to": "job_title"},
    {"key": "seats", "label": "Seats", "type": "integer"},
    {"key": "phone", "label": "Phone", "type": "phone", "maps_to": "phone"},
    {"key": "new", "label": "Are you new here?", "type": "boolean"},
    {"key": "wants", "label": "Wants", "type": "multi_select", "options": SIZES},
    {"key": "due", "label": "By when?", "type": "date"},
]
ANSWERS = {
    "topic": "Prices",
    "size": "small",
    "role": "Head of Sales",
    "seats": 12,
    "phone": "+1 202 555 0100",
    "new": False,
    "wants": ["large", "small"],
    "due": "2027-02-28",
}


def faults(answer: Any) -> dict[str, str]:
    assert answer.status == 422, answer.body
    return {each["field"]: each["code"] for each in answer.json["errors"]}


def test_answers_are_kept_and_fill_empty_fields_of_the_contact(owner: Client) -> None:
    kind = a_type(owner, questions=QUESTIONS)
    assert [each["key"] for each in kind["questions"]] == list(ANSWERS)
    made = owner.create("/bookings", asked(kind, answers=ANSWERS))
    assert made["answers"] == ANSWERS
    contact = owner.get(f"/contacts/{made['contact_id']}").json
    assert (contact["job_title"], contact["phone"]) == (
        "Head of Sales",
        ANSWERS["phone"],
    )


def test_a_contact_keeps_what_it_has(owner: Client) -> None:
    kind = a_type(owner, questions=QUESTIONS)
    known = {"email": "ada@example.com", "job_title": "Countess"}
    contact = owner.create("/contacts", known)
    made = owner.create("/bookings", asked(kind, answers=ANSWERS))
    assert made["contact_id"] == contact["id"]
    after = owner.get(f"/contacts/{contact['id']}").json
    assert (after["job_title"], after["phone"]) == ("Countess", ANSWERS["phone"])


def test_an_answer_goes_to_a_field_of_the_tenants_own(owner: Client) -> None:
    field = {"object": "contacts", "key": "seats", "label": "Seats", "type": "integer"}
    owner.create("/fields", field | {"max": 100})
    question = {"key": "n", "label": "Seats", "type": "integer"}
    question["maps_to"] = "custom_fields.seats"
    kind = a_type(owner, questions=[question])
    made = owner.create("/bookings", asked(kind, answers={"n": 12}))
    contact = owner.get(f"/contacts/{made['contact_id']}").json
    assert contact["custom_fields"] == {"seats": 12}


def test_what_the_field_does_not_take_is_in_the_booking_alone(owner: Client) -> None:
    field = {"object": "contacts", "key": "seats", "label": "Seats", "type": "integer"}
    owner.create("/fields", field | {"max": 10})
    question = {"key": "n", "label": "Seats", "type": "integer"}
    question["maps_to"] = "custom_fields.seats"
    kind = a_type(owner, questions=[question, QUESTIONS[2]])
    given = {"n": 12, "role": "Chief"}
    made = owner.create("/bookings", asked(kind, answers=given))
    assert made["answers"] == given
    contact = owner.get(f"/contacts/{made['contact_id']}").json
    assert (contact["custom_fields"], contact["job_title"]) == ({}, "Chief")


def test_all_faults_of_answers_are_told_at_once(owner: Client) -> None:
    kind = a_type(owner, questions=QUESTIONS)
    wrong = {
        "size": "huge",
        "role": "x" * 2001,
        "seats": 1.5,
        "phone": "me",
        "new": "yes",
        "wants": ["small", "huge"],
        "due": "2027-02-30",
        "other": 1,
    }
    given = asked(kind, answers=wrong)
    given["invitee"] = {"email": "nobody", "name": "Ada", "time_zone": "Etc/UTC"}
    assert faults(owner.post("/bookings", given)) == {
        "invitee.email": "invalid_format",
        "answers.topic": "required",
        "answers.size": "invalid_choice",
        "answers.role": "too_long",
        "answers.seats": "invalid_type",
        "answers.phone": "invalid_format",
        "answers.new": "invalid_type",
        "answers.wants[1]": "invalid_choice",
        "answers.due": "invalid_format",
        "answers.other": "unknown_field",
    }
    given["invitee"] = {"email": "a@b.example", "name": "Ada", "time_zone": "Etc/UTC"}
    assert len(faults(owner.post("/bookings", given))) == 9


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"key": "A b"}, "key", "invalid_format"),
    ({"type": "file"}, "type", "invalid_choice"),
    ({"type": "select"}, "options", "required"),
    ({"options": SIZES}, "options", "invalid"),
    ({"type": "select", "options": SIZES[:1] * 2}, "options[1].value", "not_unique"),
    ({"maps_to": "email"}, "maps_to", "invalid_choice"),
    ({"maps_to": "owner_id"}, "maps_to", "invalid_choice"),
    ({"maps_to": "tags"}, "maps_to", "invalid_choice"),
    ({"maps_to": "phone"}, "maps_to", "invalid"),
    ({"maps_to": "custom_fields.none"}, "maps_to", "not_found"),
    ({"maps_to": "job_title", "type": "boolean"}, "maps_to", "invalid"),
]


@pytest.mark.parametrize(("change", "field", "code"), WRONG)
def test_a_question_that_makes_no_sense_is_refused(
    owner: Client, change: dict[str, Any], field: str, code: str
) -> None:
    question = {"key": "topic", "label": "Topic", "type": "text"} | change
    given = meeting(me(owner), questions=[question])
    answer = owner.post("/meeting_types", given)
    assert faults(answer) == {f"questions[0].{field}": code}


def test_no_two_questions_share_a_key(owner: Client) -> None:
    given = meeting(me(owner), questions=[QUESTIONS[0], QUESTIONS[0]])
    answer = owner.post("/meeting_types", given)
    assert faults(answer) == {"questions[1].key": "not_unique"}
    given = meeting(me(owner), questions=[QUESTIONS[0]] * 21)
    assert faults(owner.post("/meeting_types", given)) == {"questions": "too_many"}


def test_answers_stay_when_the_questions_change(owner: Client) -> None:
    kind = a_type(owner, questions=QUESTIONS)
    made = owner.create("/bookings", asked(kind, answers=ANSWERS))
    owner.patch(f"/meeting_types/{kind['id']}", {"questions": []})
    assert owner.get(f"/bookings/{made['id']}").json["answers"] == ANSWERS


def test_an_erased_person_leaves_no_answers(owner: Client) -> None:
    kind = a_type(owner, questions=QUESTIONS)
    made = owner.create("/bookings", asked(kind, answers=ANSWERS))
    path = f"/contacts/{made['contact_id']}/erase"
    answer = owner.post(path, {"confirm": made["contact_id"]})
    assert answer.status == 200, answer.body
    assert owner.get(f"/bookings/{made['id']}").json["answers"] == {}
    history = owner.post(f"/bookings/{made['id']}/history", {})
    assert "Prices" not in history.body
