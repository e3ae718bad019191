"""Writes with several effects ("facts"), and the queries that find each of them.

The effects contain the write's key, so that one statement finds all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.client import Client


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: method, path below `/v1`, and a body as JSON if it has any."""

    method: str
    path: str
    body: object = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """A kind of write.

    `facts` is a statement that counts the write's effects, for each key of an array
    `$2` in a tenant `$1`: each is 1 if the write was done, and 0 if not. `again`
    contains the answers to a repetition, by whether the write was done before.
    """

    name: str
    prepare: Callable[[Client, str], Ask]
    facts: str
    again: Mapping[bool, int]


def _email(key: str) -> str:
    return f"{key}@leave.example"


def _create_contact(_: Client, key: str) -> Ask:
    return Ask("POST", "/contacts", {"email": _email(key)}, key)


def _log_call(client: Client, key: str) -> Ask:
    contact = client.create("/contacts", {"email": _email(key)})
    body = {"type": "call", "contact_id": contact["id"], "subject": key}
    return Ask("POST", "/activities", body, key)


def _delete_company(client: Client, key: str) -> Ask:
    company = client.create("/companies", {"name": key})
    client.create("/contacts", {"email": _email(key), "company_id": company["id"]})
    return Ask("DELETE", f"/companies/{company['id']}")


# One statement: the record, its timeline and its key.
CONTACT = Errand(
    "contact",
    _create_contact,
    """
WITH made AS MATERIALIZED (
  SELECT c.email FROM contacts AS c WHERE c.business_id = $1
), told AS MATERIALIZED (
  SELECT c.email FROM activities AS a
  JOIN contacts AS c ON c.business_id = a.business_id AND c.id = a.contact_id
  WHERE a.business_id = $1
)
SELECT asked.key,
  (SELECT count(*) FROM made WHERE email = asked.key || '@leave.example'),
  (SELECT count(*) FROM told WHERE email = asked.key || '@leave.example'),
  (SELECT count(*) FROM idempotency_keys AS k
    WHERE k.business_id = $1 AND k.key = asked.key)
FROM unnest($2::text[]) AS asked (key)
""",
    {True: 201, False: 201},
)

# A transaction of several: the activity, its key, and the contact that it updates.
CALL = Errand(
    "call",
    _log_call,
    """
SELECT asked.key,
  (SELECT count(*) FROM activities AS a
    WHERE a.business_id = $1 AND a.subject = asked.key),
  (SELECT count(*) FROM idempotency_keys AS k
    WHERE k.business_id = $1 AND k.key = asked.key),
  (SELECT count(c.last_contacted_at) FROM contacts AS c
    WHERE c.business_id = $1 AND c.email = asked.key || '@leave.example')
FROM unnest($2::text[]) AS asked (key)
""",
    {True: 201, False: 201},
)

# A transaction of several, without a key: the company, and the records linked to it.
DELETION = Errand(
    "deletion",
    _delete_company,
    """
SELECT asked.key,
  (SELECT count(o.deleted_at) FROM companies AS o
    WHERE o.business_id = $1 AND o.name = asked.key),
  (SELECT count(*) FROM contacts AS c
    WHERE c.business_id = $1 AND c.email = asked.key || '@leave.example'
    AND c.company_id IS NULL)
FROM unnest($2::text[]) AS asked (key)
""",
    {True: 404, False: 204},
)
