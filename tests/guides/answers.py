"""Compares a block's output with the answer that its guide shows."""

import json

from tests.guides.json_with_gaps import parse
from tests.guides.matching import Known, MismatchError, match, match_text
from tests.guides.pages import Block


def compare(answer: Block, output: str, known: Known) -> None:
    """Compares; raises MismatchError."""
    if answer.language == "json":
        _compare_json(answer.text, output, known)
    elif answer.language == "http":
        _compare_http(answer.text, output, known)
    else:
        match_text(_lines(answer.text), _lines(output), known, "output")


def _compare_json(shown: str, output: str, known: Known) -> None:
    try:
        actual = json.loads(output)
    except ValueError:
        raise MismatchError(f"this is no JSON: {output!r}") from None
    match(parse(shown), actual, known)


def _compare_http(shown: str, output: str, known: Known) -> None:
    """Compares status, the headers that are shown, and the body if one is shown."""
    head, _, body = shown.partition("\n\n")
    actual_head, _, actual_body = output.replace("\r", "").partition("\n\n")
    status, *headers = head.strip().split("\n")
    actual_status, *actual_headers = actual_head.strip().split("\n")
    match_text(status, actual_status, known, "status")
    there = dict(_header(line) for line in actual_headers)
    for name, value in map(_header, headers):
        if name not in there:
            raise MismatchError(f"shown and not there: {name}")
        match_text(value, there[name], known, name)
    if body.strip():
        _compare_json(body, actual_body, known)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().split("\n"))
