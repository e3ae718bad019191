"""The name of a custom field in filters."""

import re
from collections.abc import Mapping
from typing import NewType

CustomField = NewType("CustomField", str)

# What a request may have as `custom_fields`: a dictionary, or a typed one.
CustomFields = Mapping[str, object]

_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


def custom_field(key: str) -> CustomField:
    """Returns the name of a custom field for a filter.

    ```python
    client.contacts.search(
        filters=[{"field": custom_field("seats"), "operator": "gte", "value": 3}]
    )
    ```

    It has its own type, so that a type checker still finds misspelt names of fields.

    Raises:
        ValueError: A custom field cannot have this key.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"No custom field has the key {key!r:.80}.")
    return CustomField(f"custom_fields.{key}")
