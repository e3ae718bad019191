"""The name of a system's external ids, as filters and `match_on` take it."""

import re
from typing import NewType

ExternalId = NewType("ExternalId", str)

_SYSTEM = re.compile(r"[a-z][a-z0-9_]{0,31}")


def external_id(system: str) -> ExternalId:
    """Names the external ids of a system in a filter or in `match_on`.

    ```python
    client.companies.upsert(
        match_on=external_id("salesforce"),
        external_ids={"salesforce": "0015g00000XyZzA"},
        name="Analytical Engines",
    )
    ```

    A type of its own, so that a checker still finds a plain field that is misspelt.

    Raises:
        ValueError: No system is called so.
    """
    if not _SYSTEM.fullmatch(system):
        raise ValueError(f"No system is called {system!r:.80}.")
    return ExternalId(f"external_ids.{system}")
