"""Loads the people of `tests/data` as contacts, through the public API alone.

Every create carries an idempotency key that says which person it is about. So a
load that broke off is simply run again: what is there is answered, not made twice.

    python -m tests.load_people --url http://127.0.0.1:8080 --token pcp_...
"""

import argparse
import http.client
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from tests.people import Person, people

VERSION = "2026-11-01"

ATTEMPTS = 10
TRY_AGAIN = (429, 503)


class LoadError(Exception):
    """The API refused a contact; the text says which and why."""


@dataclass(slots=True)
class Loaded:
    """What a load did so far: contacts made, contacts that were there already."""

    created: int = 0
    replayed: int = 0

    @property
    def done(self) -> int:
        return self.created + self.replayed


def load(
    url: str,
    token: str,
    everyone: Iterable[Person],
    report: Callable[[Loaded], None] = lambda _: None,
) -> Loaded:
    """Creates a contact for each person; `report` hears of each one.

    `url` is the server's, without a path. Raises LoadError.
    """
    loaded = Loaded()
    connection = _connect(url)
    try:
        for person in everyone:
            if _create(connection, token, person):
                loaded.replayed += 1
            else:
                loaded.created += 1
            report(loaded)
    finally:
        connection.close()
    return loaded


def _connect(url: str) -> http.client.HTTPConnection:
    """One connection, kept open for all requests."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.netloc, timeout=60)
    return http.client.HTTPConnection(parts.netloc, timeout=60)


def _create(connection: http.client.HTTPConnection, token: str, person: Person) -> bool:
    """Creates one contact; whether the answer was a replay."""
    body = json.dumps(person.contact).encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Version": VERSION,
        "Content-Type": "application/json",
        "Idempotency-Key": f"load-people/{person.key}",
    }
    for attempt in range(ATTEMPTS):
        try:
            status, answered, problem = _post(connection, body, headers)
        except (OSError, http.client.HTTPException):
            # Whether the contact was made is not known; the key makes it safe to ask.
            connection.close()
            time.sleep(min(2**attempt / 10, 10))
            continue
        if status == 201:
            return answered.get("Idempotent-Replayed") == "true"
        if status not in TRY_AGAIN:
            raise LoadError(f"{person.key}: {status} {problem}")
        time.sleep(float(answered.get("Retry-After", "1")))
    raise LoadError(f"{person.key}: no answer after {ATTEMPTS} attempts")


def _post(
    connection: http.client.HTTPConnection, body: bytes, headers: Mapping[str, str]
) -> tuple[int, Message, Any]:
    connection.request("POST", "/v1/contacts", body, dict(headers))
    response = connection.getresponse()
    return response.status, response.headers, json.loads(response.read())


def main() -> None:
    """Loads everyone and shows how far it has come."""
    parser = argparse.ArgumentParser(description="Loads the people of tests/data.")
    parser.add_argument("--url", required=True, help="e.g. http://127.0.0.1:8080")
    parser.add_argument("--token", required=True, help="needs the scope contact.write")
    options = parser.parse_args()
    everyone = people()

    def show(loaded: Loaded) -> None:
        sys.stderr.write(f"\rLoading people: {loaded.done} of {len(everyone)}")
        sys.stderr.flush()

    try:
        loaded = load(options.url, options.token, everyone, show)
    except LoadError as error:
        sys.exit(f"\n{error}")
    sys.stderr.write("\n")
    print(f"{loaded.created} contacts created, {loaded.replayed} were there already")


if __name__ == "__main__":
    main()
