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

from tests.record_values import COUNTRIES, CURRENCIES

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

# A key that is used for a second request is refused.
_numbers = count()


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Gives a request that has a good idempotency key one of its own, and leaves the
    token alone that the requests are made with."""
    headers: Any = case.headers or {}
    key = headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,255}", key):
        headers["Idempotency-Key"] = f"{key[:200]}-{next(_numbers)}"
    if (case.path_parameters or {}).get("id") == _OWN_TOKEN:
        case.path_parameters["id"] = _IDS["token"][0]


# What the product refuses although the schema allows it, because no schema can say it:
# the operation, the field and the code of the fault.
UNSAYABLE = (
    ("createToken", r"expires_at", "too_small"),  # in the past
    # A whole number beyond 2^53 would not come back as it was sent.
    (".*", r"(metadata|custom_fields)\..*", "too_(large|small)"),
    ("search.*", r"filters.*values?(\[.*)?", "too_(large|small)"),
    ("search.*", r"filters.*values", "invalid"),  # `between` the wrong way round
    ("search.*", r"filters.*", "invalid"),  # groups within groups, too deep
    ("moveDeal", r"lost_reason", "invalid"),  # for a stage that is not lost
    # What another request has made of the record: its other links, its other tags.
    ("update.*", r"(email|phone|.*_id)", "required"),
    (".*", r"(tags|custom_fields)", "too_many"),
    (".*", r".*_id", "not_found"),  # deleted since
)


@schemathesis.hook
def filter_failure(
    context: HookContext, failure: Failure, case: Case[Any], response: Response
) -> bool:
    """Drops what is said of good data that is refused for a reason in the list."""
    if response.status_code != 422 or "rejected" not in failure.title:
        return True
    operation = case.operation.definition.raw["operationId"]
    faults = response.json().get("errors", [])
    return not faults or not all(
        any(
            re.fullmatch(o, operation)
            and re.fullmatch(f, fault["field"])
            and re.fullmatch(c, fault["code"])
            for o, f, c in UNSAYABLE
        )
        for fault in faults
    )
