"""The words of a search: where each must occur, as SQL.

A word is looked for in the record's searchable text, without case and accents; one
that looks like a telephone number by its digits too, and in the name of a record
that is referred to where the caller sees all of its kind. Fields that the tenant has
defined as searchable count as searchable text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.caller import Caller
from services.kinds.formats import digits
from services.kinds.own_fields import OwnField, OwnFields
from services.kinds.record_type import Field, Kinds, RecordType
from services.postgres.sql_parts import (
    Condition,
    Parameters,
    Place,
    Sql,
    all_of,
    any_of,
    once,
    one_of_ids,
)

_TRIGRAM = re.compile(r"[a-zA-Z0-9]{3}")
_PHONE_CHARACTERS = frozenset("0123456789+-.()/#x")


@dataclass(frozen=True, slots=True)
class Sought:
    """Where the words of one caller's search are looked for."""

    phones: tuple[Field, ...]
    # References with the kind that they lead to; words count in a field of that kind.
    through: tuple[tuple[Field, RecordType], ...]
    # The SQL of what the tables of values call the records.
    holder: str
    # Fields of the tenant's own.
    own: tuple[OwnField, ...] = ()

    def conditions(
        self, words: Sequence[str], business: Place, p: Parameters
    ) -> list[Condition]:
        """That each word occurs somewhere; `business` is the tenant's place."""
        found, texts, patterns = [], [], []
        by_trigrams = any(map(_has_trigram, words))
        for word in words:
            pattern = once(f"'%' || like_literal(fold({p.place(word, 'text')})) || '%'")
            text = self._in_text(word, pattern, business, p)
            ways = [text, *self._referring(business, [pattern])]
            found.append(Condition(any_of(ways), words=by_trigrams))
            texts.append(text)
            patterns.append(pattern)
        if self.through and len(words) > 1:
            # All words in the text, or one in what is referred to: an index finds that.
            ways = [all_of(texts), *self._referring(business, patterns)]
            found.append(Condition(any_of(ways), implied=True, words=by_trigrams))
        return found

    def _in_text(self, word: str, pattern: Sql, business: Place, p: Parameters) -> Sql:
        ways: list[Sql] = [("r.search_text LIKE ", *pattern)]
        number = digits(word)
        if number and number != word and _PHONE_CHARACTERS.issuperset(word):
            place = p.place(number, "text")
            ways += [_dialed(phone, place) for phone in self.phones]
            phones = [e for e in self.own if e.rules.type == pb.FIELD_TYPE_PHONE]
            if phones:
                dialed = once(f"'%' || {place} || '%'")
                ways.append(self._in_own(phones, dialed, business, p))
        if self.own:
            ways.append(self._in_own(self.own, pattern, business, p))
        return any_of(ways)

    def _in_own(
        self, fields: Sequence[OwnField], pattern: Sql, business: Place, p: Parameters
    ) -> Sql:
        """The pattern in one of these fields."""
        keys = p.place([each.found_by for each in fields], "text[]")
        found = (
            "SELECT v.record_id FROM typed_values AS v"
            f" WHERE v.business_id = {business}"
            f" AND v.object = {p.object or self.holder}"
            f" AND v.key = ANY({keys}) AND v.words LIKE "
        )
        return ("r.id ", *one_of_ids((found, *pattern)))

    def _referring(self, business: Place, patterns: Sequence[Sql]) -> list[Sql]:
        """One of the words in the records that are referred to."""
        return [
            _referred(item, target, business, patterns) for item, target in self.through
        ]


class Words:
    """Where words are looked for in records of one kind."""

    def __init__(self, kind: RecordType, kinds: Kinds) -> None:
        self._phones = tuple(
            item for item in kind.fields if item.is_phone and item.policy.searchable
        )
        self._holder = f"'{kind.table}'"
        self._through = tuple(
            (item, kinds[item.policy.references])
            for item in kind.fields
            if item.policy.search_through
        )

    def sought(self, caller: Caller, own: OwnFields) -> Sought:
        """Where a caller's words are looked for; `own` are the tenant's fields."""
        through = tuple(
            (item, target)
            for item, target in self._through
            if caller.may(f"{target.resource}.read")
            and target.resource not in caller.own_only
        )
        return Sought(self._phones, through, self._holder, own.searchable)


def _has_trigram(word: str) -> bool:
    """Whether a word has three letters or digits in a row, by which an index finds it.

    Others may have some as well, but that depends on how they are folded.
    """
    return _TRIGRAM.search(word) is not None


def _dialed(phone: Field, place: Place) -> Sql:
    # The searchable text holds the digits as well, and it has a trigram index.
    pattern = once(f"'%' || {place} || '%'")
    return (
        *(f"{phone.search.compared} LIKE ", *pattern),
        *(" AND r.search_text LIKE ", *pattern),
    )


def _referred(
    item: Field, target: RecordType, business: Place, patterns: Sequence[Sql]
) -> Sql:
    name = f"o.{item.policy.search_through}_folded"
    ways: list[Sql] = [
        ("o.search_text LIKE ", *p, f" AND {name} LIKE ", *p) for p in patterns
    ]
    where = (
        f"SELECT o.id FROM {target.table} AS o WHERE o.business_id = {business}"
        " AND o.deleted_at IS NULL AND "
    )
    return (f"{item.sql} ", *one_of_ids((where, *any_of(ways))))
