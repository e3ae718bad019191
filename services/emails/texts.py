"""The texts of an e-mail that are given with it, made fit to be sent."""

from prospectconnect.engagement.v1 import emails_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Fault
from services.mail.filling import one_line
from services.texts.html import clean
from services.texts.plain import plain_text
from services.texts.refused import Refused

AT = "email"
MOST_HTML, MOST_TEXT = 256 * 1024, 64 * 1024

_GIVEN_WITH = "The template makes it: leave it out."
_REQUIRED, _INVALID = FaultCode.FAULT_CODE_REQUIRED, FaultCode.FAULT_CODE_INVALID


def faults_of(email: pb.Email) -> list[Fault]:
    """What is missing among the texts, what is too much, and what is too long."""
    names = ("subject", "html", "text")
    if email.template_id:
        return [
            Fault(f"{AT}.{name}", _INVALID, _GIVEN_WITH)
            for name in names
            if getattr(email, name)
        ]
    found = []
    if not email.subject:
        found.append(Fault(f"{AT}.subject", _REQUIRED, "Give a subject."))
    if not (email.html or email.text):
        message = "Give a template, html or text."
        found.append(Fault(f"{AT}.html", _REQUIRED, message))
    for name, most in (("html", MOST_HTML), ("text", MOST_TEXT)):
        if len(getattr(email, name).encode()) > most:
            code, message = FaultCode.FAULT_CODE_TOO_LONG, f"Give at most {most} bytes."
            found.append(Fault(f"{AT}.{name}", code, message))
    return found


def settle(email: pb.Email) -> list[Fault]:
    """Cleans what is given, and makes the plain text if it is missing.

    It takes up to a tenth of a second. Returns the faults of the HTML.
    """
    email.subject = one_line(email.subject)
    if not email.html:
        return []
    try:
        cleaned = clean(email.html)
    except Refused as refused:
        return [Fault(f"{AT}.html", _INVALID, str(refused.refusal))]
    if cleaned.strip():
        email.html = cleaned
    else:
        email.ClearField("html")
    if not email.text:
        email.text = plain_text(cleaned)
    if not email.text and not email.html:
        return [Fault(f"{AT}.html", _REQUIRED, "Cleaned, nothing is left of it.")]
    return []
