"""The documents of all contracts: older ones are made from the newest.

The difference between two contracts is a change, in its own file.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy

from edge.openapi.values import Schema
from edge.versions.contracts import Change


def by_contract(newest: Schema, changes: Sequence[Change]) -> Mapping[str, Schema]:
    """The document of each contract, by its date, oldest first.

    Args:
        newest: The document of the newest contract.
        changes: One for each contract, oldest first.
    """
    found, document = {}, newest
    for change in reversed(changes):
        version = str(change.date)
        found[version] = _dated(document, version)
        if change.downgrade_document is not None:
            document = change.downgrade_document(document)
    return dict(reversed(found.items()))


def _dated(document: Schema, version: str) -> Schema:
    """A document with the date of its contract at every place where clients read it."""
    document = deepcopy(document)
    document["info"]["version"] = version
    components = document["components"]
    asked, told = components["parameters"]["Version"], components["headers"]["Version"]
    asked["schema"]["default"] = asked["example"] = told["example"] = version
    return document
