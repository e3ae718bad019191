"""The name of associated records, or of a field of theirs, in filters."""

import re
from typing import NewType

AssociatedField = NewType("AssociatedField", str)

_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


def associated(type: str, field: str = "", *, inverse: bool = False) -> AssociatedField:
    """Returns the name of associated records for a filter, or of a field of theirs.

    `type` is the key of an association type. `inverse`: the records that are searched
    are those of its `to_object`.

    ```python
    client.deals.search(
        filters=[
            {
                "field": associated("deal_contacts", "city"),
                "operator": "eq",
                "value": "Berlin",
            }
        ]
    )
    ```

    Raises:
        ValueError: No association type can have this key.
    """
    if not _KEY.fullmatch(type):
        raise ValueError(f"No association type has the key {type!r:.80}.")
    steps = ["associations", type, *(["inverse"] if inverse else []), field]
    return AssociatedField(".".join(step for step in steps if step))
