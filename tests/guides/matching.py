"""Compares what a guide shows with what came back.

Ids, secrets and cursors are other ones in every run, so an example's id means whatever
id came back in its place the first time: from then on it must come back wherever the
guide shows it again, and commands that name it are given the real one. Times and trace
ids need only have their form.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.guides.json_with_gaps import GAP

# What stands for something of this run: a prefix, and the form of the rest.
_NAMES = ((r"[a-z]{3,4}_", r"[0-9a-f]{24}"), (r"pc[a-z]_", r"[0-9A-Za-z_-]{20,}"))
_FORMS = (
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z",  # a time
    r"\b[0-9a-f]{32}\b",  # a trace id
    r"\b1[6-9]\d{8}\b",  # a time in Unix seconds
)
_SPECIAL = re.compile(
    "|".join((r"\.\.\.", *(rf"\b{prefix}{rest}\b" for prefix, rest in _NAMES), *_FORMS))
)


class MismatchError(Exception):
    """What came back is not what the guide shows; the text says where."""


@dataclass(slots=True)
class Known:
    """What the examples of a page mean in this run."""

    meanings: dict[str, str] = field(default_factory=dict)

    def real(self, text: str) -> str:
        """A command with the real ids in place of the examples'."""
        for example, meaning in self.meanings.items():
            text = text.replace(example, meaning)
        return text

    def bind(self, example: str, actual: str, where: str) -> None:
        """Takes the actual value for the example's, from now on."""
        if self.meanings.setdefault(example, actual) != actual:
            raise MismatchError(
                f"{where}: {example} was {self.meanings[example]}, now it is {actual}"
            )


def match(shown: Any, actual: Any, known: Known, where: str = "answer") -> None:
    """Compares JSON values. Raises MismatchError."""
    if shown == GAP:
        return
    if isinstance(shown, dict) and isinstance(actual, dict):
        _match_objects(shown, actual, known, where)
    elif isinstance(shown, list) and isinstance(actual, list):
        _match_arrays(shown, actual, known, where)
    elif isinstance(shown, str) and isinstance(actual, str):
        match_text(shown, actual, known, where)
    elif type(shown) is not type(actual) or not _equal(shown, actual):
        raise MismatchError(f"{where}: shown {shown!r}, came {actual!r}")


def match_text(shown: str, actual: str, known: Known, where: str) -> None:
    """Compares texts; `...` stands for any text. Raises MismatchError."""
    pattern, examples, end = "", [], 0
    for special in _SPECIAL.finditer(shown):
        pattern += re.escape(shown[end : special.start()])
        if form := _form_of_name(special[0]):
            pattern += f"({form})"
            examples.append(special[0])
        else:
            pattern += _form(special[0])
        end = special.end()
    found = re.fullmatch(pattern + re.escape(shown[end:]), actual, re.DOTALL)
    if not found:
        raise MismatchError(f"{where}: shown {shown!r}, came {actual!r}")
    for example, real in zip(examples, found.groups(), strict=True):
        known.bind(example, real, where)


def _match_objects(
    shown: Mapping[str, Any], actual: Mapping[str, Any], known: Known, where: str
) -> None:
    names = shown.keys() - {GAP}
    if missing := sorted(names - actual.keys()):
        raise MismatchError(f"{where}: shown and not there: {', '.join(missing)}")
    if GAP not in shown and (more := sorted(actual.keys() - names)):
        raise MismatchError(f"{where}: there and not shown: {', '.join(more)}")
    for name in shown:
        if name == GAP:
            continue
        value, there = shown[name], f"{where}.{name}"
        if name == "next" and isinstance(value, str) and isinstance(actual[name], str):
            known.bind(value, actual[name], there)
        else:
            match(value, actual[name], known, there)


def _match_arrays(
    shown: list[Any], actual: list[Any], known: Known, where: str
) -> None:
    open_end = bool(shown) and shown[-1] == GAP
    shown = shown[:-1] if open_end else shown
    if len(actual) < len(shown) or (len(actual) > len(shown) and not open_end):
        raise MismatchError(f"{where}: shown {len(shown)}, came {len(actual)} elements")
    for index, (one, other) in enumerate(zip(shown, actual, strict=False)):
        match(one, other, known, f"{where}[{index}]")


def _form_of_name(special: str) -> str:
    """The form of what an example's id or secret may stand for; empty for all else."""
    for prefix, rest in _NAMES:
        if re.fullmatch(prefix + rest, special):
            return special.partition("_")[0] + "_" + rest
    return ""


def _form(special: str) -> str:
    if special == "...":
        return ".*"
    return next(form for form in _FORMS if re.fullmatch(form, special))


def _equal(shown: Any, actual: Any) -> bool:
    """Whether two values of a type are the same, or both times in Unix seconds."""
    return bool(shown == actual) or (_is_time(shown) and _is_time(actual))


def _is_time(value: Any) -> bool:
    return type(value) is int and 1_600_000_000 <= value < 2_000_000_000
