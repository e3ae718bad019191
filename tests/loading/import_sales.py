"""Imports the sales of `tests/data/crm-sales` through the public API alone.

Every create carries an idempotency key that says what it is about. So an import that
broke off is simply run again: what is there is answered, not made twice. A few
requests are under way at once; the API takes them from as many connections.

Whoever sells must be a user first, and there must be a pipeline. Administration makes
them, the 35 users (one that is missing is named) and the pipeline:

    prospectconnect user create --tenant NAME --role member \\
        --email moses-frase@crm-sales.example
    prospectconnect pipeline create --tenant NAME --name Hardware \\
        --stage Prospecting:10:open --stage Engaging:40:open \\
        --stage Won:100:won --stage Lost:0:lost
    python -m tests.loading.import_sales --url http://127.0.0.1:8080 --token pcp_...
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from tests.loading.posting import Created, LoadError, Poster, Tally
from tests.loading.sales import STAGES, Opportunity, accounts, agents, opportunities

PIPELINE = "Hardware"
CONNECTIONS = 8

# A record to make: what names it in its source, and its body.
Item = tuple[str, Mapping[str, Any]]
# Hears of each record: its path, how many are there, and how many there will be.
Report = Callable[[str, int, int], None]


def import_sales(poster: Poster, pipeline: str, report: Report) -> Tally:
    """Makes a company for each account and a deal for each opportunity.

    Raises LoadError when the API refuses one, or lacks the pipeline or a user.
    """
    tally = Tally()
    owners, stages = _owners(poster), _stages(poster, pipeline)
    buyers = accounts()
    items = [(buyer.key, buyer.company) for buyer in buyers]
    made = _create_all(poster, "/companies", items, tally, report)
    names = (buyer.name for buyer in buyers)
    companies = {name: each["id"] for name, each in zip(names, made, strict=True)}
    deals = [(o.key, _deal(o, companies, owners, stages)) for o in opportunities()]
    _create_all(poster, "/deals", deals, tally, report)
    return tally


def _owners(poster: Poster) -> Mapping[str, str]:
    """The id of each agent's user, by address."""
    users = {user["email"]: user["id"] for user in poster.find("/users")}
    missing = [agent.email for agent in agents() if agent.email not in users]
    if missing:
        raise LoadError(f"These are no users yet: {', '.join(missing)}")
    return users


def _stages(poster: Poster, pipeline: str) -> Mapping[str, Mapping[str, str]]:
    """Where a deal stands in each stage: the fields that say so, by its name."""
    by_name = [{"field": "name", "operator": "eq", "value": pipeline}]
    for found in poster.find("/pipelines", filters=by_name):
        places = {
            stage["name"]: {"pipeline_id": found["id"], "stage_id": stage["id"]}
            for stage in found["stages"]
        }
        if places.keys() >= set(STAGES):
            return places
    raise LoadError(f"No pipeline {pipeline!r} has the stages {', '.join(STAGES)}")


def _deal(
    opportunity: Opportunity,
    companies: Mapping[str, str],
    owners: Mapping[str, str],
    stages: Mapping[str, Mapping[str, str]],
) -> Mapping[str, Any]:
    """The body of a deal with the ids of what it refers to."""
    return {
        **opportunity.deal,
        **stages[opportunity.stage],
        "company_id": companies[opportunity.account] if opportunity.account else None,
        "owner_id": owners[opportunity.agent.email],
    }


def _create_all(
    poster: Poster, path: str, items: Sequence[Item], tally: Tally, report: Report
) -> list[Any]:
    """Creates a record for each item, several at once; the records in their order."""

    def create(item: Item) -> Created:
        key, body = item
        return poster.create(path, body, f"import-sales/{key}")

    records = []
    with ThreadPoolExecutor(poster.connections) as threads:
        for count, made in enumerate(threads.map(create, items), start=1):
            tally.add(made)
            records.append(made.record)
            report(path, count, len(items))
    return records


def main() -> None:
    """Imports everything and shows how far it has come."""
    parser = argparse.ArgumentParser(description="Imports the sales of tests/data.")
    parser.add_argument("--url", required=True, help="e.g. http://127.0.0.1:8080")
    parser.add_argument(
        "--token", required=True, help="needs company.write, deal.write and deal.read"
    )
    parser.add_argument("--pipeline", default=PIPELINE, help="its name")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    options = parser.parse_args()
    start = time.monotonic()
    try:
        with closing(Poster(options.url, options.token, options.connections)) as poster:
            tally = import_sales(poster, options.pipeline, _show)
    except LoadError as error:
        sys.exit(f"\n{error}")
    seconds = time.monotonic() - start
    print(f"{tally.created} records created, {tally.replayed} were there already")
    print(f"{seconds:.1f} s, {tally.done / seconds:.0f} records a second")


def _show(path: str, count: int, of: int) -> None:
    end = "\n" if count == of else ""
    sys.stderr.write(f"\rImporting {path[1:]}: {count} of {of}{end}")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
