"""Samples for the clients in Python and TypeScript: a whole program each."""

import json
from typing import Any

from edge.documentation.page import HERE
from edge.reference.client_names import attribute_words, camel, snake
from edge.reference.literals import (
    PYTHON,
    TYPESCRIPT,
    Source,
    call,
    is_plain,
    keywords,
    literal,
)
from edge.reference.operations import Operation

_CUSTOM = "custom_fields."
_NAMING = ("field", "order_by")  # the fields that name one
_WIDTH = 72


def has_client(operation: Operation) -> bool:
    """Whether the clients have a method for it. Files and streams have other ones."""
    sends_file = operation.body is not None and operation.body.is_file
    return not (operation.streams or operation.is_file or sends_file)


def path_of(operation: Operation) -> str:
    """The path with the examples of its parameters."""
    path = operation.path
    for each in operation.parameters:
        path = path.replace(f"{{{each.name}}}", example(each.name, each.example))
    return path


def example(name: str, value: str) -> str:
    """The example of a parameter, or its name if it has none."""
    return value or f"<{name}>"


def python_program(operation: Operation) -> str:
    """The call by the client for Python."""
    taken = [json.dumps(example(e.name, e.example)) for e in operation.parameters]
    body = _in_python(operation.body.example) if operation.body is not None else {}
    given: list[str] = []
    if is_plain(body):
        taken += keywords(body)
    else:  # a dictionary of its own type, for checkers
        named = f"body: records.{operation.body.schema} = " if operation.body else ""
        given = [f"{named}{literal(body, PYTHON, '    ')}"]
        taken.append("**body")
    attribute = snake(attribute_words(operation.tag))
    found = call(f"client.{attribute}.{snake(operation.words)}", taken, _WIDTH)
    needed = ["ProspectConnect"]
    if "custom_field(" in found:
        needed.append("custom_field")
    decimal = ["from decimal import Decimal"] if "Decimal(" in found else []
    return "\n".join(
        [
            "import os",
            *decimal,
            "",
            f"from prospectconnect_client import {', '.join(needed)}",
            *(["from prospectconnect_contract import records"] if given else ()),
            "",
            f'client = ProspectConnect(os.environ["TOKEN"], "{HERE}")',
            *given,
            *_python_end(operation, found),
            "",
        ]
    )


def _python_end(operation: Operation, found: str) -> list[str]:
    if operation.is_paged:
        return ["", f"for each in {found}:", "    print(each)"]
    if not operation.good.type:
        return [found]
    return [f"answer = {found}", "print(answer)"]


def _in_python(value: Any) -> Any:
    """A value as clients take it.

    Amounts are decimals, and the names of custom fields in filters have a type.
    """
    if isinstance(value, dict):
        return {key: _of_key(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_in_python(each) for each in value]
    return Source(f'Decimal("{value}")') if isinstance(value, float) else value


def _of_key(key: str, value: Any) -> Any:
    if key in _NAMING and str(value).startswith(_CUSTOM):
        return Source(f'custom_field("{value.removeprefix(_CUSTOM)}")')
    return _in_python(value)


def typescript_program(operation: Operation) -> str:
    """The call by the client for TypeScript."""
    taken = [f"'{example(each.name, each.example)}'" for each in operation.parameters]
    if operation.body is not None and operation.body.fields:
        taken.append(literal(operation.body.example, TYPESCRIPT))
    attribute = camel(attribute_words(operation.tag))
    found = f"client.{attribute}.{camel(operation.words)}({', '.join(taken)})"
    return "\n".join(
        [
            "import { ProspectConnect } from '@prospectconnect/client'",
            "",
            "const client = new ProspectConnect({",
            "  token: process.env.TOKEN ?? '',",
            f"  address: '{HERE}',",
            "})",
            *_typescript_end(operation, found),
            "",
        ]
    )


def _typescript_end(operation: Operation, found: str) -> list[str]:
    if operation.is_paged:
        return [f"for await (const each of {found}) {{", "  console.log(each)", "}"]
    if not operation.good.type:
        return [f"await {found}"]
    return [f"const answer = await {found}", "console.log(answer)"]
