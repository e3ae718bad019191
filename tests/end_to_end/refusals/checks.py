"""How a refusal looks to whoever gets it."""

import re

from tests.client import Answer

_DESCRIPTION = re.compile(r"[ !#-\[\]-~]+")  # RFC 6749, section 5.2


def check_description(text: str) -> None:
    """A description has the characters that it may have."""
    assert _DESCRIPTION.fullmatch(text), text


def check_error(answer: Answer, error: str, status: int) -> None:
    """An app is told an error as RFC 6749, section 5.2, wants it."""
    assert (answer.status, answer.json["error"]) == (status, error), answer.body
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    check_description(answer.json["error_description"])
    assert answer.json.keys() == {"error", "error_description"}
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert "location" not in answer.headers


def check_page(answer: Answer, status: int) -> None:
    """A person is told, and nobody sends them anywhere."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "location" not in answer.headers
    assert b"http-equiv" not in answer.body
