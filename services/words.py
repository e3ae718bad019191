"""The words of a search: where each must occur, as SQL.

A word is looked for in the record's searchable text, without case and accents; one
that looks like a telephone number by its digits too, and in the name of a record
that is referred to where the caller sees all of its kind.
"""

from dataclasses import dataclass

from services.caller import Caller
from services.formats import digits
from services.record_type import Field, RecordType
from services.sql_parts import Parameters
from services.visibility import Kinds

_PHONE_CHARACTERS = frozenset("0123456789+-.()/#x")


@dataclass(frozen=True, slots=True)
class Sought:
    """Where the words of one caller's search are looked for."""

    phones: tuple[Field, ...]
    # References with the kind that they lead to, in a field of which words count.
    through: tuple[tuple[Field, RecordType], ...]

    def condition(self, word: str, business: str, p: Parameters) -> str:
        """The SQL of a word occurring somewhere; `business` is the tenant's place."""
        text = p.add(word, "text")
        pattern = f"'%' || like_literal(fold({text})) || '%'"
        ways = [f"r.search_text LIKE {pattern}"]
        for item, target in self.through:
            ways.append(_referred(item, target, business, pattern))
        number = digits(word)
        if number and number != word and _PHONE_CHARACTERS.issuperset(word):
            place = p.add(number, "text")
            ways += [_dialed(phone, place) for phone in self.phones]
        return f"({' OR '.join(ways)})"


class Words:
    """Where words are looked for in records of one kind."""

    def __init__(self, kind: RecordType, kinds: Kinds) -> None:
        self._phones = tuple(
            item for item in kind.fields if item.is_phone and item.policy.searchable
        )
        self._through = tuple(
            (item, kinds[item.policy.references])
            for item in kind.fields
            if item.policy.search_through
        )

    def sought(self, caller: Caller) -> Sought:
        """Where a caller's words are looked for."""
        through = tuple(
            (item, target)
            for item, target in self._through
            if caller.may(f"{target.resource}.read")
            and target.resource not in caller.own_only
        )
        return Sought(self._phones, through)


def _dialed(phone: Field, place: str) -> str:
    # The searchable text holds the digits as well, and it has a trigram index.
    return (
        f"r.{phone.name}_digits LIKE '%' || {place} || '%'"
        f" AND r.search_text LIKE '%' || {place} || '%'"
    )


def _referred(item: Field, target: RecordType, business: str, pattern: str) -> str:
    # An array, so that the index of the reference serves, beside that of the text.
    return (
        f"r.{item.name} = ANY(ARRAY(SELECT o.id FROM {target.table} AS o"
        f" WHERE o.business_id = {business} AND o.deleted_at IS NULL"
        f" AND o.search_text LIKE {pattern}"
        f" AND fold(o.{item.policy.search_through}) LIKE {pattern}))"
    )
