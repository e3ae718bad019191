"""What a search can know of a kind of record, and the words that facts are told in."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """The properties of a kind of record for a search.

    `kinds` are the types of the filterable fields, `choices` the values of fields with
    fixed values. `searched` are the fields that are searched for words. `owner` is the
    field with the user that owns a record. `by_links`: users who see a linked record
    see this one as well. `has_external_ids`: filters find the record by its ids in
    other systems. `ends`: users who see both of these records, and only they, see this
    one. `seen_by` is a link: who sees that record, and nobody else, sees this one.
    """

    kinds: Mapping[str, str]
    orders: tuple[str, ...]
    searched: tuple[str, ...]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owner: str = ""
    by_links: bool = False
    has_external_ids: bool = False
    ends: tuple[str, ...] = ()
    seen_by: str = ""


def kinds_of(**fields: str) -> dict[str, str]:
    """The type of each field, from the fields of each type."""
    return {name: kind for kind, names in fields.items() for name in names.split()}


ADDRESS = "address1 city state postal_code country"
TIMES = "created_at updated_at"
LINKS = "contact_id company_id deal_id custom_record_id"
EVERY = ("created_at", "updated_at")
