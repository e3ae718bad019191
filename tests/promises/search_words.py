"""Words and values of all classes that people and attackers type into a search."""

# ruff: noqa: RUF001 - signs that look like others are among them

from collections.abc import Mapping, Sequence
from typing import Any

# By what they may be mistaken for. A word with a blank counts as several words.
WORDS: Mapping[str, Sequence[str]] = {
    "numbers": (
        "7",
        "42",
        "007",
        "1.0",
        "-5",
        "1e3",
        "1,000",
        "0x1F",
        "４２",
        "½",
        "²",
    ),
    "dates": ("2026-06-17", "17.06.2026", "6/17/26", "2026-06-17T14:30:00Z", "Q3/26"),
    "times": ("14:30", "14:30:00", "2pm", "+02:00", "00:00:00.000001"),
    "telephone numbers": ("+1", "(0)30", "030/12", "555-01", "#12", "x9", "3-4", "."),
    "punctuation": ("-", "--", "/", "...", "#", "()", "!?", "*", "+", ",", ";", "&"),
    "quotes": ("'", '"', "''", "O'Neill", '"Ned"', "`", "’", "$$", "E'x'", "\\'"),
    "wildcards": ("%", "_", "\\", "\\%", "100%", "a_b", "%%", "\\\\", "[a-z]", "^.*$"),
    "emoji": ("🦊", "👩‍💻", "🏳️‍🌈", "👍🏽", "❤️", "🇧🇷"),
    "accents": (
        "é",
        "e\u0301",
        "Ångström",
        "naïve",
        "\u0301",
        "x\u0308\u0323",
        "ñandú",
    ),
    "letters": ("Straße", "ẞ", "İ", "ı", "ς", "ΟΔΥΣΣΕΥΣ", "ø", "Łódź", "ﬁn", "™", "Ǆ"),
    "scripts": ("李雷", "Иван", "שָׁלוֹם", "한국", "हिन्दी", "ไทย", "عربي", "ｶﾞ", "Åse"),
    "long": (
        "x" * 200,
        "é" * 150,
        " ".join("abcdefghijklmnopqrstuvwxyz" * 3),
        "ab" * 40,
    ),
    "SQL": ("';--", "1=1", "NULL", "$1", "$1::text", "||", "::int", "/*once*/", "DROP"),
    "templates": ("{}", "{user}", "{tenant}", "%s", "%(a)s", "${x}", "{0}", "\\x00"),
    "text search": ("a&b", "!a", "a|b", ":*", "<->", "a:*", "a<2>b", "(a", "fat & rat"),
    "JSON": ('{"a":1}', "null", "true", "[]", "$.a", '@ == "a"', "\\u0000", "\\n"),
    "white space": ("\u00a0", "\u2003", "\t", "\u3000", "\u200b", "a\u00a0b", "\u2028"),
    "controls": ("\x01", "\x7f", "\u200d", "\ufeff", "\u202e", "\ufffd", "\U0010ffff"),
}
EVERY_WORD = [word for words in WORDS.values() for word in words]

# Further values of filters, by the type of the compared field.
VALUES: Mapping[str, Sequence[Any]] = {
    "string": ["", " ", *EVERY_WORD],
    "tags": ["", *EVERY_WORD],
    "id": ["", "con_", "usr_000000000000000000000000", *EVERY_WORD],
    "links": ["", "con_", "cmp_x", "con_000000000000000000000000", *EVERY_WORD],
    "number": (-1, 0, 0.01, 0.1, 1e300, -1e300, 5e-324, 2**53, -(2**53), 2**31, 99.999),
    "boolean": (True, False),
    "timestamp": (
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2026-06-17T14:30:00+14:00",
        "2026-06-17T14:30:00.1234567-05:30",
    ),
    "date": ("0001-01-01", "9999-12-31", "2024-02-29"),
}
