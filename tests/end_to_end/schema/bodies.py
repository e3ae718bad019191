"""Bodies of creates, good and bad ones, drawn from what a schema says of its fields.

`normal` is what the server makes of a body before it judges it: texts are trimmed, and
an empty one is null.
"""

import random
import string
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Field = Mapping[str, Any]

# Texts whose form the server looks at, good and bad ones.
FORMED: Mapping[str, Sequence[str]] = {
    "email": (
        *("ada@engine.example", "a@b.c", "ä+x@b.c.d", f"{'l' * 64}@x.example"),
        *("ada", "@x.example", "a@b", "a@b..c", "a b@c.d", "a@b@c.d", "a@b.c."),
        *(f"{'l' * 65}@x.example", f"a@{'x' * 248}.ex", f"a@{'x' * 249}.ex"),
    ),
    "phone": (
        *("123", "+49 (30) 1234-56", "x1.2/3#", "1" * 32, "------123"),
        *("12", "()-", "1" * 33, "123a", "1\t23", "12\n3", "١٢٣"),
    ),
    "url": (
        *("http://a", "https://a.b/c?d#e", "HTTP://A:80", "http://u:p@h:65535/"),
        *("https://[::1]:8080/x", "http://ä.example/ö", "http://h?x", "http://h:"),
        *("http://a@b@c/", "http://h/[x]"),
        *("ftp://a", "http:/a", "http://", "http:///a", "a.b", "http://h:65536"),
        *("http://h:x", "http://a b", "http://:80", "http://u@", "//a", "http://[a"),
    ),
    "host": (
        *("a.b", "x-y.example", "A.B.C", "ä.example", "a_b.c", f"{'x' * 63}.y"),
        *("a", "a.", ".a", "-a.b", "a-.b", "a..b", "a b.c", "a.b/c", "_a.b", "a@b.c"),
        f"{'x' * 64}.y",
    ),
    "country": ("BR", "DE", "US", "br", "XX", "BRA", "B", "GB"),
    "currency": ("EUR", "USD", "eur", "XXQ", "EURO", "JPY"),
    "date": (
        *("2026-06-17", "2024-02-29", "0001-01-01", "9999-12-31"),
        *("2026-02-29", "2026-13-01", "2026-6-1", "20260617", "0000-01-01", "today"),
        *("2026-06-17T00:00:00Z", "2026-W01-1", "26-06-17"),
    ),
    "timestamp": (
        *("2026-06-17T14:30:00Z", "2026-06-17t14:30:00.123456z"),
        *("2026-06-17T14:30:00+02:00", "2026-06-17T14:30:00.1234567-11:30"),
        *("2026-06-17", "2026-06-17T14:30Z", "2026-06-17T24:00:00Z", "now"),
        *("2026-06-17T14:60:00Z", "2026-06-17T14:30:60Z", "2026-02-30T14:30:00Z"),
        *("2026-06-17 14:30:00Z", "2026-06-17T14:30:00", "2026-06-17T14:30:00+25:00"),
    ),
}
OF_NO_TYPE: Sequence[Any] = (
    *(True, 7, 0.5, "text"),
    *(["a"], [7], {"a": 1}, [None], [[]], {}),
)
SPACE = ("", " ", "\t", "  \n")

# What the server trims. A choice or a date of a built-in field comes as it is.
_TEXTS = frozenset(
    ("text", "email", "phone", "url", "host", "country", "currency", "user", "record")
)
_OWN_TEXTS = _TEXTS | {"date", "timestamp", "select"}


def is_trimmed(field: Field) -> bool:
    return field["type"] in (_TEXTS if field["built_in"] else _OWN_TEXTS)


@dataclass(frozen=True, slots=True)
class Bodies:
    """Draws bodies for one type of record.

    `ids` are those of records that exist, by their path.
    """

    schema: Mapping[str, Any]
    ids: Mapping[str, str]
    dice: random.Random

    def draw(self) -> dict[str, Any]:
        """A body: a good one, or one in which a few fields may be bad."""
        dice, body, custom = self.dice, dict[str, Any](), dict[str, Any]()
        fields = [each for each in self.schema["fields"] if self._is_drawn(each)]
        given = [each for each in fields if dice.random() < self._share(each)]
        odd = dice.sample(given, min(len(given), dice.choice((0, 0, 0, 1, 1, 1, 4))))
        for field in given:
            holder = body if field["built_in"] else custom
            name = field["key"] or field["name"]
            holder[name] = self._odd(field) if field in odd else self._good(field)
        if dice.random() < 0.25:
            custom |= self._free_keys()
        if custom or dice.random() < 0.1:
            body["custom_fields"] = custom
        if dice.random() < 0.03:
            name = dice.choice(("surprise", "id", "created_at", "etag", "name_"))
            body[name] = dice.choice((None, "x"))
        if dice.random() < 0.03:
            body["custom_fields"] = dice.choice((None, *OF_NO_TYPE))
        return body

    def _is_drawn(self, field: Field) -> bool:
        """A stage must belong to its pipeline, which no schema says."""
        return field["writable"] and field["name"] not in ("pipeline_id", "stage_id")

    def _share(self, field: Field) -> float:
        """How often a field is given."""
        is_needed = field["required"] and field["default_value"] is None
        if is_needed or field["name"] in self.schema["require_any"]:
            return 0.98
        return 0.25

    def _free_keys(self) -> dict[str, Any]:
        """Keys that no field defines."""
        dice, long, longer = self.dice, "x" * 2_000, "x" * 2_001
        keys = ["free", "other_1", "x" * 64, *self.schema["archived_keys"]]
        own = (each for each in self.schema["fields"] if not each["built_in"])
        keys += [each["key"] for each in own if not each["writable"]]
        if dice.random() < 0.3:
            keys = ["Free", "1x", "x" * 65, "", "a-b", "ä"]
        values: list[Any] = ["text", " ", "", 7, -0.5, True, None, ["a", ""], []]
        if dice.random() < 0.3:
            values = [long, longer, ["a"] * 51, [7], {"a": 1}, [None], [longer]]
        return {dice.choice(keys): dice.choice(values)}

    def _good(self, field: Field) -> Any:
        """A value that fits, maybe with white space around it, or none."""
        value, dice = self._of_type(field, is_odd=False), self.dice
        if dice.random() < 0.03:
            return dice.choice((None, *SPACE))
        if isinstance(value, str) and dice.random() < 0.1 and is_trimmed(field):
            return f"{dice.choice(SPACE)}{value}{dice.choice(SPACE)}"
        return value

    def _odd(self, field: Field) -> Any:
        """A value that may not fit."""
        if self.dice.random() < 0.25:
            return self.dice.choice((None, *SPACE, *OF_NO_TYPE))
        return self._of_type(field, is_odd=True)

    def _of_type(self, field: Field, is_odd: bool) -> Any:
        kind, dice = field["type"], self.dice
        if kind in FORMED:
            return dice.choice(FORMED[kind] if is_odd else FORMED[kind][:2])
        made: Mapping[str, Callable[[Field, bool], Any]] = {
            "text": self._text,
            "long_text": self._text,
            "integer": self._integer,
            "decimal": self._decimal,
            "boolean": lambda *_: dice.choice((True, False)),
            "select": self._choice,
            "multi_select": self._choices,
            "tags": self._tags,
            "user": self._id,
            "record": self._id,
            "external_ids": self._external_ids,
            "json": lambda *_: {"a": {"b": [1, None]}},
        }
        return made[kind](field, is_odd)

    def _text(self, field: Field, is_odd: bool) -> str:
        most, dice = field["max_length"], self.dice
        if is_odd:
            many: int = dice.choice((most - 1, most, most + 1))
            return dice.choice("ä😀x") * many
        letters = f"{string.printable}äß😀"
        return "".join(dice.choices(letters, k=dice.randint(1, min(most, 8))))

    def _integer(self, field: Field, is_odd: bool) -> int | float:
        least, most = int(field["min"]), int(field["max"])
        if is_odd:
            near = (least - 1, most + 1, least, most, least + 0.5, float(most - 1))
            return self.dice.choice(near)
        return self.dice.randint(least, most)

    def _decimal(self, field: Field, is_odd: bool) -> int | float:
        least: float = 0 if field["min"] is None else field["min"]
        most: float = field["max"]
        places: int = field["decimals"]
        if is_odd:
            near = [least - 1, most + 1, least, most, 0.1 + 0.2, 5.0]
            near += [round(1 / 3, places + more) for more in (-1, 0, 1)]
            return self.dice.choice(near)
        most, least = min(most, 1_000), max(least, -1_000)
        return round(self.dice.uniform(least + 0.5, most - 0.5), places)

    def _choice(self, field: Field, is_odd: bool) -> str:
        live = [each["value"] for each in field["options"] if not each["archived"]]
        every = [each["value"] for each in field["options"]]
        return str(self.dice.choice([*every, "no", "GOLD"] if is_odd else live))

    def _choices(self, field: Field, is_odd: bool) -> list[str]:
        return [self._choice(field, is_odd) for _ in range(self.dice.randint(1, 4))]

    def _tags(self, field: Field, is_odd: bool) -> list[Any]:
        dice, most = self.dice, field["max_items"]
        if is_odd:
            many = [f"tag {n}" for n in range(most + dice.choice((0, 1)))]
            return dice.choice(([], [""], ["x" * 64], ["x" * 65], [None], [7], many))
        return [f"tag {dice.randrange(99)}" for _ in range(dice.randrange(3))]

    def _id(self, field: Field, is_odd: bool) -> str:
        known = self.ids[field["target"] or f"{field['type']}s"]
        odd = ("x", "cmp_1", f"usr_{'A' * 24}", f"con_{'0' * 25}", known.upper())
        return self.dice.choice(odd) if is_odd else known

    def _external_ids(self, field: Field, is_odd: bool) -> dict[str, Any]:
        dice, system = self.dice, self.dice.choice(("erp", "crm_2", "x" * 32))
        if not is_odd:
            return {system: uuid.uuid4().hex}
        if dice.random() < 0.3:
            many = field["max_items"] + dice.choice((0, 1))
            return {f"s{n}": uuid.uuid4().hex for n in range(many)}
        name = dice.choice((system, "Erp", "x" * 33, ""))
        longer = uuid.uuid4().hex * 8  # 256 characters
        return {name: dice.choice(("", 7, None, longer, longer[1:], ["a"]))}


def normal(schema: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as the server judges it."""
    made = dict(body)
    custom = made.get("custom_fields")
    if isinstance(custom, dict):
        made["custom_fields"] = custom = dict(custom)
    for field in schema["fields"]:
        holder = made if field["built_in"] else custom
        name = field["key"] or field["name"]
        if isinstance(holder, dict) and name in holder:
            holder[name] = _normal_value(field, holder[name])
    return made


def _normal_value(field: Field, value: Any) -> Any:
    if isinstance(value, str) and is_trimmed(field):
        return value.strip() or None
    if isinstance(value, str) and field["type"] == "long_text":
        return value or None
    return value
