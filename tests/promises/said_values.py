"""Values of fields whose rules do not tell all that they have to be."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

# No two records of a tenant have the same key.
KEYS = count()

# Fields that only some records of a kind have, as other fields of these say, and those
# by which records stand in each other's way. They are tried in tests of their own.
OF_SOME: Mapping[str, Any] = {
    "prospectconnect.schema.v1.Field.required": False,
    "prospectconnect.schema.v1.Field.unique": False,
    "prospectconnect.schema.v1.Field.searchable": False,
    "prospectconnect.schema.v1.Field.sensitive": False,
    "prospectconnect.schema.v1.Field.readable_by": [],
    "prospectconnect.schema.v1.Field.default_value": None,
    "prospectconnect.schema.v1.Field.options": [],
    "prospectconnect.schema.v1.Field.min": None,
    "prospectconnect.schema.v1.Field.max": None,
    "prospectconnect.schema.v1.Field.decimals": None,
    "prospectconnect.schema.v1.Field.target": None,
    "prospectconnect.schema.v1.Field.expression": None,
    "prospectconnect.jobs.v1.Export.resources": [],  # `resource` names one type
    "prospectconnect.jobs.v1.Export.names": False,  # of tables without `expand`
    "prospectconnect.jobs.v1.Export.byte_order_mark": False,  # of CSV
    "prospectconnect.iam.v1.Sandbox.sample": None,
    # It takes a private key, which no answer shows.
    "prospectconnect.engagement.v1.Sender.dkim": None,
    # Users and schedules, which there have to be.
    "prospectconnect.scheduling.v1.MeetingType.hosts": [],
}
# Fields that no record has to have, since another one may stand for them.
NEEDED = (
    "prospectconnect.jobs.v1.Export.resource",
    "prospectconnect.engagement.v1.Sender.smtp",
)


# The nth value of a field whose rules do not tell all that it has to be.
_WEBHOOK = "prospectconnect.events.v1.Webhook"
_IMPORT = "prospectconnect.jobs.v1.Import"
_EXPORT = "prospectconnect.jobs.v1.Export"
_REPORT = "prospectconnect.reporting.v1.Report"
_SCHEDULE = "prospectconnect.scheduling.v1.Schedule"
_BUSY = "prospectconnect.scheduling.v1.BusyTime"
_MEETING = "prospectconnect.scheduling.v1.MeetingType"
_SENDER = "prospectconnect.engagement.v1.Sender"
_SLOTS = "prospectconnect.scheduling.v1.FindSlotsRequest"
SAID: Mapping[str, Callable[[int], Any]] = {
    "prospectconnect.schema.v1.ObjectType.slug": lambda _: f"things_{next(KEYS)}",
    f"{_WEBHOOK}.url": lambda _: f"https://a{next(KEYS)}.example/changes",
    # Who may keep webhooks may read what happens to them. These hardly happen: what is
    # sent changes the statistics.
    f"{_WEBHOOK}.types": lambda n: [["webhook.disabled"], ["webhook.deleted"]][n % 2],
    f"{_WEBHOOK}.filters": lambda n: [
        {"field": "url", "operator": "contains", "value": f"a{n}."}
    ],
    f"{_WEBHOOK}.include": lambda n: [["changed", "state"], ["state"]][n % 2],
    f"{_IMPORT}.resource": lambda _: "contacts",
    f"{_IMPORT}.mode": lambda n: ["upsert", "update"][n % 2],
    f"{_IMPORT}.match_on": lambda _: "email",
    f"{_IMPORT}.format": lambda _: "csv",
    f"{_IMPORT}.mapping": lambda _: {"Mail": "email"},
    f"{_IMPORT}.defaults": lambda n: {"city": f"City {n}"},
    f"{_IMPORT}.locale": lambda n: ["de-CH", "en-US"][n % 2],
    f"{_IMPORT}.delimiter": lambda n: [";", ","][n % 2],
    f"{_IMPORT}.charset": lambda n: ["utf-8", "windows-1252"][n % 2],
    f"{_EXPORT}.resource": lambda _: "contacts",
    f"{_EXPORT}.filters": lambda n: [
        {"field": "email", "operator": "contains", "value": f"a{n}@"}
    ],
    f"{_EXPORT}.fields": lambda n: [["email"], ["email", "city"]][n % 2],
    f"{_EXPORT}.expand": lambda n: [["owner"], ["company"]][n % 2],
    f"{_EXPORT}.version": lambda n: ["2026-11-01", "2026-06-01"][n % 2],
    f"{_SCHEDULE}.intervals": lambda n: [
        {"weekday": n % 5, "from": "09:00", "to": "12:30"},
        {"weekday": n % 5, "from": "13:30", "to": "24:00"},
    ],
    f"{_SCHEDULE}.overrides": lambda n: [
        {"date": f"2027-06-1{n}", "intervals": []},
        {"date": f"2027-07-1{n}", "intervals": [{"from": "10:00", "to": "11:00"}]},
    ],
    f"{_BUSY}.starts_at": lambda n: f"2027-06-17T14:30:0{n}Z",
    f"{_BUSY}.ends_at": lambda n: f"2027-06-17T15:30:0{n}Z",
    f"{_BUSY}.external_id": lambda _: f"event-{next(KEYS)}",
    f"{_SLOTS}.from": lambda _: "2027-06-17T14:30:00Z",
    f"{_SLOTS}.to": lambda _: "2027-06-18T14:30:00Z",
    f"{_SLOTS}.duration": lambda _: None,  # one of those of the meeting type
    f"{_MEETING}.slug": lambda _: f"call-{next(KEYS)}",
    f"{_MEETING}.durations": lambda n: [[30, 45], [20]][n % 2],
    f"{_MEETING}.assignment": lambda n: ["round_robin", "collective"][n % 2],
    f"{_MEETING}.location": lambda n: [
        {"kind": "phone", "value": "+44 20 7946 0958"},
        {"kind": "ask", "value": None},
    ][n % 2],
    "prospectconnect.scheduling.v1.Booking.location": lambda n: [
        {"kind": "phone", "value": "+44 20 7946 0958"},
        {"kind": "address", "value": "12 St James's Square"},
    ][n % 2],
    "prospectconnect.engagement.v1.Topic.name": lambda _: f"Topic {next(KEYS)}",
    "prospectconnect.engagement.v1.Suppression.address": lambda _: (
        f"ada{next(KEYS)}@engine.example"
    ),
    f"{_SENDER}.address": lambda _: f"news{next(KEYS)}@engine.example",
    f"{_SENDER}.smtp": lambda n: {
        "host": "smtp.engine.example",
        "port": [587, 2525][n % 2],
        "security": "starttls",
        "username": None,
    },
    f"{_REPORT}.resource": lambda n: "contacts",
    f"{_REPORT}.aggregate": lambda n: {
        "filters": [],
        "search_text": None,
        "group_by": [{"field": ["source", "city", "country"][n % 3]}],
        "measures": [{"op": "count", "as": "contacts"}],
        "having": [],
        **dict.fromkeys(("order_by", "sort_direction", "limit", "fill")),
    },
    f"{_REPORT}.chart": lambda n: ["bar", "pie", "table"][n % 3],
    f"{_REPORT}.visibility": lambda n: ["tenant", "private"][n % 2],
    "prospectconnect.reporting.v1.Dashboard.items": lambda n: [],
    "prospectconnect.iam.v1.Sandbox.copy": lambda n: ["schema", "nothing"][n % 2],
    f"{_WEBHOOK}.version": lambda n: ["2026-11-01", "2026-06-01"][n % 2],
}
