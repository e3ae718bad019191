"""What people read about an expression that the library refuses.

The library tells tokens of its grammar and names of its own types, at places in what
`reading.py` has translated. Here this becomes a sentence about the tenant's own text.
"""

import re

from services.kinds.expressions.reading import Translated, WrongExpressionError, at

_FOUND = re.compile(r"ERROR: <input>:(-?[0-9]+):(-?[0-9]+): ([^\n]*)")
_MISSING = re.compile(r"missing '([\])])'|expecting '(:)'")
_WRONG_TYPES = re.compile(r"no matching overload for '([^']*)' applied to '\((.*)\)'")
_UNKNOWN = re.compile(r"undeclared reference to '([^']*)'")
_OPERAND = re.compile(r"[a-zA-Z_.]+(?:\([^()]*\))*")
_TYPES = {
    "string": "a text",
    "wrapper(string)": "a text",
    "double": "a number",
    "wrapper(double)": "a number",
    "bool": "a boolean",
    "wrapper(bool)": "a boolean",
    "google.protobuf.Timestamp": "a moment",
    "timestamp": "a moment",
    "google.protobuf.Duration": "a duration",
    "duration": "a duration",
}
_CHOICE = "_?_:_"


def refused(error: str, read: Translated) -> WrongExpressionError:
    """The refusal of an expression, from what the library says of it."""
    if "recursion" in error:
        return WrongExpressionError("The expression is nested too deeply.")
    found = _FOUND.search(error)
    if found is None:
        return WrongExpressionError("The expression cannot be read.")
    place, told = int(found[2]) - 1, found[3].removesuffix(" [INVALID_ARGUMENT]")
    if told.startswith("Syntax error"):
        return WrongExpressionError(_of_syntax(place, told, read))
    source, token = read.at(place)
    if wrong := _WRONG_TYPES.search(told):
        if token == "(":  # noqa: S105 - a bracket
            source, token = read.before(place)
        return at(source, _of_types(wrong[1], wrong[2]))
    if unknown := _UNKNOWN.search(told):
        source, token = read.before(place)
        return at(source, f"{unknown[1]} takes another number of values.")
    return at(source, f"{token} is not understood here.")


def _of_syntax(place: int, told: str, read: Translated) -> str:
    missing = _MISSING.search(told)
    needed = f" {missing[1] or missing[2]} is missing." if missing else ""
    if place >= len(read.text):
        return f"The expression ends too early.{needed}"
    source, token = read.at(place)
    if "token recognition" in told:
        return str(at(source, "A text has a backslash before what needs none."))
    return str(at(source, f"{token} cannot stand here.{needed}"))


def _of_types(function: str, types: str) -> str:
    """That a function or an operator does not take values of some types."""
    given = [_named(each) for each in _OPERAND.findall(types)]
    if function == _CHOICE:
        return "? takes a boolean, and two values of one type."
    name = function.replace("@", "").strip("_").replace("_", "") or function
    name = "[" if function == "_[_]" else name
    return f"{name} cannot be used with {' and '.join(given) or 'nothing'}."


def _named(type_: str) -> str:
    if type_.startswith("list("):
        return "a list"
    return _TYPES.get(type_, "such a value")
