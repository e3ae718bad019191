"""What Schemathesis is told beside the document: how texts look, and what exists.

The document says that a field holds the id of a company; that there is such a company
no schema can say. So ids are those of records that are there.
"""

import json
import os
import re
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure

from tests.client import VERSION
from tests.promises.record_values import COUNTRIES, CURRENCIES

_IDS: dict[str, list[str]] = json.loads(Path(os.environ["OPENAPI_IDS"]).read_text())

# The token with which it calls, which it must not revoke.
_OWN_TOKEN = _IDS.pop("own-token")[0]

_LETTERS = st.characters(categories=["Ll", "Lu"], max_codepoint=0x24F)
_WORD = st.text(_LETTERS, min_size=1, max_size=8)
_HOSTS = st.lists(_WORD, min_size=2, max_size=3).map(".".join)
_ZONES = st.integers(-12 * 60, 12 * 60).map(lambda m: timezone(timedelta(minutes=m)))
_MOMENTS = st.datetimes(
    datetime(1, 1, 2),
    datetime(9999, 12, 30),
    timezones=st.just(UTC) | _ZONES,
)

FORMATS: dict[str, st.SearchStrategy[str]] = {
    "idn-email": st.tuples(_WORD, _HOSTS).map("@".join),
    "phone": st.from_regex(r"\A\+?[0-9][0-9 ()./#x-]{2,20}[0-9]{2}\Z"),
    "country-code": st.sampled_from(COUNTRIES),
    "currency-code": st.sampled_from(CURRENCIES),
    "idn-hostname": _HOSTS,
    "iri": st.tuples(_HOSTS, _WORD).map("https://{0[0]}/{0[1]}".format),
    "date": st.dates(date(1, 1, 1)).map(str),
    "date-time": _MOMENTS.map(datetime.isoformat),
    "cursor": st.just(""),
} | {f"{name}-id": st.sampled_from(ids) for name, ids in _IDS.items()}

for _name, _strategy in FORMATS.items():
    schemathesis.openapi.format(_name, _strategy)

# Files of lines are sent as any other.
schemathesis.serializer.alias("application/x-ndjson", "application/octet-stream")

# A key that is used for a second request is refused.
_numbers = count()


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Puts in what no schema can say, where what is there has the right form.

    A contract that exists, and an idempotency key for each request. The token that
    the requests are made with is left alone.
    """
    headers: Any = case.headers or {}
    if _has_form(headers.get("Version"), r"\d{4}-\d\d-\d\d"):
        headers["Version"] = VERSION
    if _has_form(key := headers.get("Idempotency-Key"), "[!-~]{1,255}"):
        headers["Idempotency-Key"] = f"{key[:200]}-{next(_numbers)}"
    if (case.path_parameters or {}).get("id") == _OWN_TOKEN:
        case.path_parameters["id"] = _IDS["token"][0]


def _has_form(text: object, form: str) -> bool:
    return isinstance(text, str) and re.fullmatch(form, text, re.ASCII) is not None


# What the product refuses although the schema allows it, because no schema can say it:
# the operation, the field and the code of the fault.
REFUSED = (
    ("createToken", r"expires_at", "too_small"),  # in the past
    # A whole number beyond 2^53 would not come back as it was sent.
    (".*", r"(metadata|custom_fields)\..*", "too_(large|small)"),
    ("search.*", r"filters.*values?(\[.*)?", "too_(large|small)"),
    ("search.*", r"filters.*values", "invalid"),  # `between` the wrong way round
    # A date or a text, for a key that no field defines so.
    ("search.*", r"filters.*values?(\[.*)?", "invalid_type"),
    ("search.*", r"filters.*", "invalid"),  # groups within groups, too deep
    ("search.*", r"filters.*", "too_many"),  # conditions and values of all filters
    ("moveDeal", r"lost_reason", "invalid"),  # for a stage that is not lost
    # What another request has made of the record: its other links, its other tags.
    ("update.*|upsert.*", r"(email|phone|.*_id)", "required"),
    (".*", r"(tags|custom_fields)", "too_many"),
    (".*", r".*_id(s\[\d+\])?", "not_found"),  # deleted since
    (".*", r"external_ids\..*", "not_unique"),  # another record has it
    ("search.*", r"order_by", "invalid_choice"),  # a key that has no definition
    ("search.*", r"(fields|expand)\[.*", "invalid_choice"),  # the same, no such path
    ("search.*", r"ids", "invalid"),  # beside filters
    ("search.*", r"filters.*field", "invalid_choice"),  # no such association type
    ("read.*History", r"fields\[\d+\]", "invalid_choice"),  # no field of the record
    ("read.*History", r"to", "invalid"),  # before `from`
    # No type of record or change, no part of a change, no time.
    ("readChanges", r"(resources|types|include)\[\d+\]", "invalid_choice"),
    ("readChanges", r"start", "invalid"),
    # Filters are about the fields of one type, which the schema cannot know.
    ("readChanges", r"resources|filters.*", ".*"),
    # The same of webhooks, and a URL that leads into no public network.
    ("(create|update)Webhook", r"(types|include)\[\d+\]|version", "invalid_choice"),
    ("(create|update)Webhook", r"filters.*", ".*"),
    ("(create|update)Webhook", r"url", "invalid_format|not_unique|too_many"),
    # What the webhook has: other types, or filters, with which it sends failed ones.
    ("replayWebhook", r"types\[\d+\]|only", "invalid_choice"),
    ("replayWebhook", r"from|to", "too_small"),  # before 30 days, or before `from`
    ("replayWebhook", r"from", "too_large"),  # a time that has not come
    # Fields that are not there, or that do not go with what is made of them.
    ("aggregate.*", r"(filters|group_by|measures|having|order_by|fill|cursor).*", ".*"),
    ("aggregate.*", r"search_text|sort_direction", ".*"),
    ("readDeal(Funnel|Forecast)", r".*", "invalid(_.*)?|too_.*|not_found|required"),
    # The same of a report, and a chart that does not fit its figures.
    ("(create|update)Report", r"resource|chart|aggregate.*", ".*"),
    ("(create|update)Dashboard", r"items.*", ".*"),  # places that lie on each other
    (".*", r"(invitee\.)?time_zone", "invalid_choice"),  # no zone of the tz database
    # Hours that end before they begin, that overlap, or a day that is given twice.
    ("(create|update)Schedule", r"(intervals|overrides).*", "invalid|not_unique"),
    ("(create|update|upsert)BusyTime", r"ends_at", "invalid"),
    ("(create|update|upsert)BusyTime", r"external_id", "not_unique|required"),
    ("(create|update|upsert)MeetingType", r"slug", "not_unique|required"),
    ("(create|update|upsert)Topic", r"name", "not_unique|required"),
    ("(create|update|upsert)Suppression", r"address", "not_unique|required"),
    # Hosts that are not there, one twice, and several where there may be one.
    ("(create|update|upsert)MeetingType", r"hosts.*", "not_(found|unique)|too_many"),
    ("findSlots", r"to|duration", "invalid(_choice)?"),
    # No slot begins then, or the meeting type lasts otherwise.
    (
        "(create|reschedule)Booking|createHold",
        r"starts_at|duration",
        "invalid(_choice)?",
    ),
    # Either an answer or deliveries, for requests or for seconds, of an operation.
    (
        "plantSandboxFault",
        r"answer|after|match\..*|for_requests",
        "required|invalid(_choice)?|too_.*",
    ),
    # Either a moment or a duration, and a later one.
    ("moveSandboxClock", r"at|advance", "required|invalid(_format)?|too_.*"),
    # What the copy has no sample for, and more than a tenant may have.
    ("createSandbox", r"sample", "invalid"),
    ("createSandbox", r"name", "too_many"),
    # No such type, columns or fields, and what does not go with the mode or the format.
    ("createImport", r".*", "invalid(_.*)?|required|unknown_field|too_many"),
    ("createExport", r".*", "invalid(_.*)?|required|too_many|too_.*"),
    ("writeImport.*", r"number", "invalid|too_large"),  # no number of a part
    ("read.*AsOf", r"at", "too_small"),  # what was then is no longer kept
    ("createAssociation", r"type", "not_found|read_only"),  # the same, or of a field
    ("createAssociation", r"to_id", "invalid|not_unique"),  # itself, or one too many
    ("createAssociationType", r"(from|to)_object", "invalid_choice"),  # no such object
    ("createAssociationType", r"key", "not_unique|too_many"),
    # What its type has, and fits: its options, its target, its bounds, its default.
    ("(create|update|change)Field", r".*", "required|invalid(_.*)?|too_.*|not_unique"),
    ("createObject", r"slug", "not_unique|too_many"),
    # Of a built-in type.
    ("updateObject", r"singular_label|plural_label|description", "read_only"),
    # No option of this field, or the one that is replaced.
    ("replaceFieldOption", r"with", "invalid(_choice)?"),
    ("upsert.*", r"external_ids\..*|id|domain", "required"),  # that match_on names
    ("upsert.*", r"id", "read_only"),  # beside another match_on
    ("merge.*", r"ids(\[\d+\])?", "not_found|invalid"),  # none there, or itself
    ("merge.*", r"values", "invalid|too_.*"),  # no id is an object
    ("merge.*", r"values\..*", ".*"),  # no such field or record, or they do not fit
    ("unmerge.*", r"merge_id", "not_found|invalid"),  # no merge of this record
    ("upsertDeal", r"stage_id|pipeline_id", "read_only"),  # another stage than it has
    ("find.*Duplicates", r"id|record", "required|invalid|read_only"),  # one of both
    ("find.*Duplicates", r"record\.custom_fields.*", ".*"),  # as in a create
    # What an operation of an atomic batch is refused for: its body is any record.
    (r"batch.*", r"operations\[\d+\].*", ".*"),
)

# What it takes although the schema refuses it, so that the schema stays plain: what
# is wrong, and how that looks in the body.
TAKEN = (
    (r"not matching the '[\w-]+' format", '""'),  # an empty text counts as null
    (r"values?: Incorrect type", "null"),  # null counts as absent
)


@schemathesis.hook
def filter_failure(
    context: HookContext, failure: Failure, case: Case[Any], response: Response
) -> bool:
    """Drops what is said of an answer for one of the reasons in the lists."""
    if "violates schema" in failure.title and _asks_for_part(case):
        return False  # the schemas describe whole records
    if "Schema-valid" in failure.title and response.status_code == 400:
        return not case.query  # a path to nothing, which no pattern can know
    if "Schema-violating" in failure.title:
        # That a change leaves too little is told after the ETag, by the record.
        if response.status_code == 412 and "valid object" in failure.message:
            return False
        # A fault in an operation of a batch is told in the element of the operation.
        if response.status_code == 207 and "/operations/items" in failure.message:
            return False
        body = json.dumps(case.body) if isinstance(case.body, dict) else ""
        return not any(
            re.search(wrong, failure.message) and look in body for wrong, look in TAKEN
        )
    if "Schema-valid" in failure.title and response.status_code == 422:
        operation = case.operation.definition.raw["operationId"]
        faults = response.json().get("errors", [])
        return not faults or not all(_is_unsayable(operation, each) for each in faults)
    return True


def _asks_for_part(case: Case[Any]) -> bool:
    """Whether a request asks for some fields, or for records by their ids."""
    asked = {**(case.query or {})}
    if isinstance(case.body, dict):
        asked |= case.body
    return bool(asked.get("fields") or asked.get("ids"))


def _is_unsayable(operation: str, fault: dict[str, str]) -> bool:
    told = (operation, fault["field"], fault["code"])
    return any(
        all(re.fullmatch(*pair, re.DOTALL) for pair in zip(row, told, strict=True))
        for row in REFUSED
    )
