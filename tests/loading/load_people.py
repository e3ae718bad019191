"""Loads the people of `tests/data` as contacts, through the public API alone.

Every create carries an idempotency key that says which person it is about. So a
load that broke off is simply run again: what is there is answered, not made twice.

    python -m tests.loading.load_people --url http://127.0.0.1:8080 --token pcp_...
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from contextlib import closing

from tests.loading.people import Person, people
from tests.loading.posting import LoadError, Poster, Tally


def load(
    url: str,
    token: str,
    everyone: Iterable[Person],
    report: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Creates a contact for each person; `report` hears of each one.

    `url` is the server's, without a path. Raises LoadError.
    """
    tally = Tally()
    with closing(Poster(url, token)) as poster:
        for person in everyone:
            key = f"load-people/{person.key}"
            tally.add(poster.create("/contacts", person.contact, key))
            report(tally)
    return tally


def main() -> None:
    """Loads everyone and shows how far it has come."""
    parser = argparse.ArgumentParser(description="Loads the people of tests/data.")
    parser.add_argument("--url", required=True, help="e.g. http://127.0.0.1:8080")
    parser.add_argument("--token", required=True, help="needs the scope contact.write")
    options = parser.parse_args()
    everyone = people()

    def show(tally: Tally) -> None:
        sys.stderr.write(f"\rLoading people: {tally.done} of {len(everyone)}")
        sys.stderr.flush()

    try:
        loaded = load(options.url, options.token, everyone, show)
    except LoadError as error:
        sys.exit(f"\n{error}")
    sys.stderr.write("\n")
    print(f"{loaded.created} contacts created, {loaded.replayed} were there already")


if __name__ == "__main__":
    main()
