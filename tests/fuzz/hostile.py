"""Values that break what is careless, and changes of what was in order.

Whatever is drawn comes from the `Random` that is given, so that a case is its seed and
its number.
"""

from random import Random
from typing import Any

TEXTS = (
    *("", " ", "\0", "a\0b", "\u202e", "\ufdd0", "\N{GRINNING FACE}", "\u0130"),
    *("'", "' OR '1'='1", "'; SELECT pg_sleep(9); --", "%", "_", "\\", "$1", "{id}"),
    *("{{7*7}}", "${jndi:x}", "<script>", "../../etc/passwd", "\r\nX-A: b", "null"),
    *("con_" + "0" * 24, "usr_" + "f" * 24, "stg_", "biz_" + "1" * 24, "__proto__"),
    *("2026-06-17", "2026-02-30", "0000-00-00", "9999-12-31T23:59:60+23:59", "NaN"),
    *("1e400", "-0", "0x1F", "١٢٣", "ß", "İ", "x" * 300, "é" * 2_100, "a@b.example"),
)
NUMBERS = (
    *(0, -1, 1, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, 2**64, -(2**64)),
    *(10**30, 1e308, -1e-320, 0.1, 1e22, 10**400),
)
SURROGATES = ("\ud800", "\udfff\ud800")
SCALARS = (None, True, False, *TEXTS, *NUMBERS)

_MOST_DEPTH = 6


def value(random: Random, depth: int = 0) -> Any:
    """Anything that JSON can carry, and a little more."""
    kind = random.random()
    if depth < _MOST_DEPTH and kind < 0.15:
        return [value(random, depth + 1) for _ in range(random.randrange(4))]
    if depth < _MOST_DEPTH and kind < 0.3:
        keys = (random.choice(TEXTS) for _ in range(random.randrange(4)))
        return {key: value(random, depth + 1) for key in keys}
    return random.choice(SURROGATES if kind > 0.99 else SCALARS)


def changed(random: Random, tree: Any) -> Any:
    """A tree of JSON with one of its nodes replaced, taken away, doubled or renamed."""
    if not isinstance(tree, dict | list) or not tree or random.random() < 0.1:
        return value(random)
    return _of_list(random, tree) if isinstance(tree, list) else _of_dict(random, tree)


def _of_list(random: Random, tree: list[Any]) -> list[Any]:
    at, how = random.randrange(len(tree)), random.randrange(4)
    if how == 0:
        return [*tree[:at], *tree[at + 1 :]]
    if how == 1:
        return tree * random.choice((2, 60))
    return [*tree[:at], changed(random, tree[at]), *tree[at + 1 :]]


def _of_dict(random: Random, tree: dict[str, Any]) -> dict[str, Any]:
    name, how = random.choice(list(tree)), random.randrange(5)
    rest = {key: each for key, each in tree.items() if key != name}
    if how == 0:
        return rest
    if how == 1:
        return {**rest, random.choice(TEXTS): tree[name]}
    return {**rest, name: changed(random, tree[name])}


def torn(random: Random, data: bytes) -> bytes:
    """Bytes with a few of them flipped, lost, doubled or put in."""
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + random.randrange(1, 9))
        piece = random.choice(
            (
                b"",
                data[at:end] * 2,
                random.randbytes(end - at),
                random.choice((b"\0", b"\xff", b"\r\n", b"\n", b'"', b"{", b"[", b",")),
            )
        )
        data = data[:at] + piece + data[end:]
    return data
