"""What records of a kind are compared by, and the ways that lead from one to others.

A way goes along an index and reads a bounded number of records, whatever is in the
table: those with an equal key, or the neighbours in the order of a key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.duplicates.likeness import Likeness

# The most records with an equal key that one way reads.
MOST_EQUAL = 50
# The neighbours in the order of a key that are read, on each side.
NEIGHBOURS = 10

# The keys of one search for others: values by name. All are texts; "" is none.
Keys = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Equal:
    """The way to records whose `expression` is the key with the name `key`.

    With `until` it is between that key and the one of this name. `within` is a column
    whose value must be the key of that name, too. `of` is what the index requires of
    its records.
    """

    key: str
    expression: str
    until: str = ""
    within: str = ""
    of: str = ""
    most: int = MOST_EQUAL


@dataclass(frozen=True, slots=True)
class Near:
    """The way to the neighbours of a record in the order of `expression` and id.

    Only those are taken whose names look alike.
    """

    key: str
    expression: str
    within: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Comparing:
    """How records of one kind are found and compared.

    `columns` are selected of a record `r`; `name` is its name, folded. `given` are the
    fields that these are made from, all of them texts; `made` are columns that the
    table makes of these. `read` makes what `compare` compares of a row. `keys` returns
    the keys of the searches for others, whose `names` begin with `id` and `name`.
    """

    columns: str
    name: str
    given: Sequence[str]
    made: str
    ways: Sequence[Equal | Near]
    names: Sequence[str]
    read: Callable[[Any], Any]
    keys: Callable[[Any], Sequence[Keys]]
    compare: Callable[[Any, Any], Likeness]
