"""Fills e-mail templates. What results is cleaned again: values come from anywhere."""

import re
from collections.abc import Mapping

from prospectconnect.engagement.v1 import email_templates_pb2 as pb

from services.texts import liquid
from services.texts.budget import MOST_WRITTEN
from services.texts.html import clean
from services.texts.plain import plain_text
from services.texts.refused import Refusal, Refused

MOST_SUBJECT = 255
# Characters that control terminals, or turn the direction of what follows.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Unfilled(Exception):
    """A field of a template could not be filled."""

    def __init__(self, field: str, refusal: Refusal) -> None:
        super().__init__(field)
        self.field, self.refusal = field, refusal


def one_line(subject: str) -> str:
    """A subject on one line, without characters that control terminals."""
    return " ".join(_CONTROLS.sub(" ", subject).split())[:MOST_SUBJECT]


def filled(
    template: pb.EmailTemplate, values: Mapping[str, object]
) -> pb.RenderEmailTemplateResponse:
    """The e-mail that a template and values make. Raises `Unfilled`."""
    answer = pb.RenderEmailTemplateResponse()
    subject = _fill("subject", template.subject, values)
    answer.subject = one_line(subject)
    if template.HasField("html"):
        answer.html = _html(template.html, values)
    if template.HasField("text"):
        answer.text = _fill("text", template.text, values)
    else:
        answer.text = plain_text(answer.html)
    return answer


def _html(text: str, values: Mapping[str, object]) -> str:
    written = _fill("html", text, values, escapes=True)
    try:
        cleaned = clean(written)
    except Refused as refused:
        # Its line is one of what was written, which nobody sees.
        raise Unfilled("html", Refusal(refused.refusal.message)) from refused
    if len(cleaned) > MOST_WRITTEN:
        message = f"This writes more than {MOST_WRITTEN} characters."
        raise Unfilled("html", Refusal(message))
    return cleaned


def _fill(
    field: str, text: str, values: Mapping[str, object], *, escapes: bool = False
) -> str:
    try:
        return liquid.fill(text, values, escapes=escapes)
    except Refused as refused:
        raise Unfilled(field, refused.refusal) from refused
