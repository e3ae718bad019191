"""E-mail templates of the demonstration data: what a seller writes again and again."""

from prospectconnect.engagement.v1.email_templates_pb2 import EmailTemplate

from services.clock import now, to_timestamp
from services.ids import new_id
from services.mail.templates import BEHAVIOUR
from services.postgres.database import Database
from services.records.bulk import copy_together, rows_of

_IS_THERE = "SELECT 1 FROM email_templates WHERE business_id = $1 LIMIT 1"
_GREETING = "<p>Hello {{ contact.first_name | default: 'there' }},</p>"
_END = "<p>Kind regards,<br>{{ user.name }}</p>"

# The name, the subject, and what stands between greeting and end.
_LETTERS = (
    (
        "After a first call",
        "Our call{% if company.name %}, and {{ company.name }}{% endif %}",
        "<p>Thank you for your time today. As agreed:</p>"
        "<ul><li>I send you an offer this week.</li>"
        "<li>You tell me who else decides.</li></ul>",
    ),
    (
        "Offer sent",
        "Our offer for {{ company.name | default: contact.name }}",
        "<p>Our offer is on its way to you. Do you have half an hour next week to go"
        " through it together?</p>",
    ),
    (
        "No answer for two weeks",
        "{{ contact.first_name | default: 'Hello' }}, is this still of interest?",
        "<p>I have not heard from you for two weeks. If now is not the time, tell me"
        " when I may ask again.</p>",
    ),
    (
        "Renewal in a month",
        "Your licence ends in a month",
        "<p>Your licence ends next month. If nothing changes, there is nothing that you"
        " need to do.</p>",
    ),
)


async def add_templates(database: Database, business_id: str, user: str) -> None:
    """Adds templates that a user has written, unless there are any."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    moment = to_timestamp(now())
    made = []
    for name, subject, body in _LETTERS:
        template = EmailTemplate(
            id=new_id("etp_"),
            name=name,
            subject=subject,
            html=f"{_GREETING}{body}{_END}",
            created_at=moment,
            updated_at=moment,
            created_by=user,
            etag="1",
        )
        BEHAVIOUR.derive(template)
        made.append(template)
    await copy_together(database, rows_of(business_id, made))
