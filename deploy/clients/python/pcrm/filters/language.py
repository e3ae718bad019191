"""Reads a filter.

    either    = all { "or" all }
    all       = one { "and" one }
    one       = "not" one | "(" either ")" | condition
    condition = field sign value
              | field [ "not" ] "in" "(" value { "," value } ")"
              | field "between" value "and" value
              | field "is" [ "not" ] "empty"
    sign      = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~" | "^=" | "$="

Keywords may be written in upper case. The result are the filters that a search takes,
with its operators and with values of the types that the fields have.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from pcrm.catalog import Compared
from pcrm.filters.typed import value_of
from pcrm.filters.words import FilterError, Word, words_of

Filter = dict[str, Any]

_OPERATORS = {
    "=": "eq",
    "!=": "neq",
    "<": "lt",
    "<=": "lte",
    ">": "gt",
    ">=": "gte",
    "~": "contains",
    "!~": "not_contains",
    "^=": "starts_with",
    "$=": "ends_with",
}
# Of a field with several values, such as tags, a value is one of them.
_OF_SEVERAL = {
    "eq": "contains",
    "neq": "not_contains",
    "in": "any_of",
    "not_in": "none_of",
}
_DEEPEST = 50  # levels of parentheses; the API takes five


def filters_of(text: str, fields: Mapping[str, Compared]) -> list[Filter]:
    """The filters of a text; all of them must hold. Raises FilterError."""
    reader = _Reader(text, words_of(text), fields)
    found = reader.either(0)
    reader.expect_end()
    return list(found["all"]) if "all" in found else [found]


class _Reader:
    """Reads word by word."""

    def __init__(
        self, text: str, words: Sequence[Word], fields: Mapping[str, Compared]
    ) -> None:
        self._text, self._words, self._fields = text, words, fields
        self._next = 0

    def either(self, depth: int) -> Filter:
        return self._joined("or", "any", lambda: self._all(depth))

    def expect_end(self) -> None:
        word = self._word
        if word.kind == "end":
            return
        if word.says("and", "or", "not") or word.kind == "sign":
            self._fail(f"Not expected here: {word.text}")
        self._fail(
            "`and`, `or` or the end is expected. Quote a value of several words."
        )

    @property
    def _word(self) -> Word:
        return self._words[self._next]

    def _take(self) -> Word:
        word = self._word
        self._next += word.kind != "end"
        return word

    def _takes(self, *words: str) -> bool:
        """Takes the word if it is one of these keywords or signs."""
        word = self._word
        fits = word.says(*words) or (word.kind == "sign" and word.text in words)
        self._next += fits
        return fits

    def _joined(self, keyword: str, group: str, read: Callable[[], Filter]) -> Filter:
        found = [read()]
        while self._takes(keyword):
            found.append(read())
        flat = [each for one in found for each in one.get(group, [one])]
        return flat[0] if len(flat) == 1 else {group: flat}

    def _all(self, depth: int) -> Filter:
        return self._joined("and", "all", lambda: self._one(depth))

    def _one(self, depth: int) -> Filter:
        if depth > _DEEPEST:
            self._fail(f"More than {_DEEPEST} levels.")
        if self._takes("not"):
            return {"not": self._one(depth + 1)}
        if not self._takes("("):
            return self._condition()
        found = self.either(depth + 1)
        if not self._takes(")"):
            self._fail("`and`, `or` or `)` is expected.")
        return found

    def _condition(self) -> Filter:
        field = self._take()
        if field.kind != "bare":
            self._next -= field.kind != "end"
            self._fail("A field is expected, such as `city`.")
        compared = self._compared(field)
        place = self._word
        if self._takes("is"):
            return self._emptiness(field, compared)
        if self._takes("between"):
            return self._between(field, compared, place)
        if self._word.says("in", "not"):
            return self._list(field, compared)
        sign = self._take()
        if sign.kind != "sign" or sign.text not in _OPERATORS:
            self._next -= sign.kind != "end"
            self._fail(f"An operator is expected after {field.text}: {_SIGNS}.")
        operator = self._operator(_OPERATORS[sign.text], compared, sign)
        made = {"field": field.text, "operator": operator}
        return {**made, "value": self._value(compared, operator)}

    def _compared(self, field: Word) -> Compared:
        """The field of a word; `custom_fields.` stands for all its keys."""
        prefix = f"{field.text.partition('.')[0]}."
        is_key = prefix in self._fields and len(field.text) > len(prefix)
        found = self._fields.get(prefix if is_key else field.text)
        if found is None or field.text in {"custom_fields.", "associations."}:
            near = difflib.get_close_matches(field.text, self._fields, 1)
            hint = f"did you mean {near[0]}?" if near else self._known()
            self._next -= 1
            self._fail(f"There is no field {field.text}: {hint}")
        return found

    def _known(self) -> str:
        names = (f"{each}KEY" if each[-1] == "." else each for each in self._fields)
        return f"the fields are {', '.join(names)}"

    def _operator(self, operator: str, compared: Compared, word: Word) -> str:
        known = compared.operators
        if "any_of" in known and "eq" not in known:
            if operator in {"contains", "not_contains"}:
                self._fail("A tag is compared as a whole: use = or !=.", word)
            operator = _OF_SEVERAL.get(operator, operator)
        if operator not in known:
            signs = [sign for sign, each in _OPERATORS.items() if each in known]
            lists = ["in"] if "in" in known or "any_of" in known else []
            self._fail(
                f"The field does not take {word.text}, but "
                f"{' '.join([*signs, *lists, 'is empty'])}.",
                word,
            )
        return operator

    def _value(self, compared: Compared, operator: str) -> Any:
        word = self._take()
        if word.kind not in {"bare", "quoted"}:
            self._next -= word.kind != "end"
            self._fail("A value is expected.")
        if word.says("null"):
            self._fail('Use `is empty`, or "null" in quotes for the text.', word)
        try:
            return value_of(word, compared, operator)
        except ValueError as error:
            self._fail(str(error), word)

    def _emptiness(self, field: Word, compared: Compared) -> Filter:
        place = self._word
        operator = "is_not_empty" if self._takes("not") else "is_empty"
        if not self._takes("empty"):
            self._fail("`empty` or `not empty` is expected.")
        return {
            "field": field.text,
            "operator": self._operator(operator, compared, place),
        }

    def _between(self, field: Word, compared: Compared, place: Word) -> Filter:
        operator = self._operator("between", compared, place)
        first = self._value(compared, operator)
        if not self._takes("and"):
            self._fail("`and` is expected, and the upper end.")
        values = [first, self._value(compared, operator)]
        return {"field": field.text, "operator": operator, "values": values}

    def _list(self, field: Word, compared: Compared) -> Filter:
        place = self._word
        operator = "not_in" if self._takes("not") else "in"
        if not self._takes("in"):
            self._fail("`in` is expected.")
        operator = self._operator(operator, compared, place)
        if not self._takes("("):
            self._fail("`(` is expected, as in `in (Berlin, Bonn)`.")
        values = [self._value(compared, operator)]
        while self._takes(","):
            values.append(self._value(compared, operator))
        if not self._takes(")"):
            self._fail("`,` or `)` is expected.")
        return {"field": field.text, "operator": operator, "values": values}

    def _fail(self, message: str, word: Word | None = None) -> NoReturn:
        raise FilterError(message, self._text, (word or self._word).place)


_SIGNS = " ".join((*_OPERATORS, "in", "between", "is"))
