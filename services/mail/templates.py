"""E-mail templates: they are kept clean, and none is kept that could not be read."""

from functools import lru_cache

from prospectconnect.engagement.v1.email_templates_pb2 import EmailTemplate
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Fault
from services.mail.values import names
from services.records.behaviour import Behaviour
from services.texts import liquid
from services.texts.refused import Refusal, Refused
from services.texts.written import clean_template

AT = "email_template"
_NAMES = names()
MOST_HTML, MOST_PLAIN = 256 * 1024, 64 * 1024


@lru_cache(maxsize=8)
def settled(html: str) -> tuple[str, Refusal | None]:
    """A template's HTML as it is kept, and why it is refused.

    A write asks for it several times, and cleaning takes up to 0.1 s.
    """
    if len(html.encode()) > MOST_HTML:
        return html, Refusal(f"Give at most {MOST_HTML} bytes.")
    try:
        cleaned = clean_template(html)
        liquid.check_names(cleaned, _NAMES)
    except Refused as refused:
        return html, refused.refusal
    if len(cleaned.encode()) > MOST_HTML:
        return html, Refusal(f"Cleaned, this has more than {MOST_HTML} bytes.")
    return cleaned, None


def derive(template: EmailTemplate) -> None:
    """Cleans the HTML. Where nothing of it is left there is none."""
    if not template.HasField("html"):
        return
    cleaned, refusal = settled(template.html)
    if refusal is None and not cleaned.strip():
        template.ClearField("html")
    elif refusal is None:
        template.html = cleaned


def check(template: EmailTemplate) -> list[Fault]:
    """The faults of a template's Liquid and HTML, and of its size."""
    found = list[Fault]()
    # What else is missing is told by the rules; of given HTML nothing may be left.
    if template.subject and not template.html and not template.text:
        code, message = FaultCode.FAULT_CODE_REQUIRED, "Give html or text."
        found.append(Fault(f"{AT}.html", code, message))
    for name in ("subject", "text"):
        refusal = _refusal(name, getattr(template, name))
        if refusal is not None:
            found.append(_fault(name, refusal))
    refusal = settled(template.html)[1] if template.html else None
    if refusal is not None:
        found.append(_fault("html", refusal))
    return found


def _refusal(name: str, text: str) -> Refusal | None:
    if name == "text" and len(text.encode()) > MOST_PLAIN:
        return Refusal(f"Give at most {MOST_PLAIN} bytes.")
    try:
        liquid.check_names(text, _NAMES)
    except Refused as refused:
        return refused.refusal
    return None


def _fault(name: str, refusal: Refusal) -> Fault:
    is_long = refusal.line is None and "bytes" in refusal.message
    code = FaultCode.FAULT_CODE_TOO_LONG if is_long else FaultCode.FAULT_CODE_INVALID
    return Fault(f"{AT}.{name}", code, str(refusal))


BEHAVIOUR: Behaviour[EmailTemplate] = Behaviour(derive=derive, check=check)
