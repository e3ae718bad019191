"""The name of a custom field, as filters take it."""

import re
from typing import NewType

CustomField = NewType("CustomField", str)

_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


def custom_field(key: str) -> CustomField:
    """Names a custom field in a filter.

    ```python
    client.contacts.search(
        filters=[{"field": custom_field("seats"), "operator": "gte", "value": 3}]
    )
    ```

    A type of its own, so that a checker still finds a plain field that is misspelt.

    Raises:
        ValueError: No custom field has such a key.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"No custom field has the key {key!r:.80}.")
    return CustomField(f"custom_fields.{key}")
