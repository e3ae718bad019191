"""Samples of calls: for the shell, for the clients in Python and TypeScript, and gRPC.

A sample is a whole program. It reads the token from the variable `TOKEN`, and fails if
the call fails. What has no method in the clients, and older contracts, are called by
what Python and Node bring along.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from edge.documentation.page import HERE
from edge.reference.client_samples import (
    has_client,
    path_of,
    python_program,
    typescript_program,
)
from edge.reference.grpc_samples import grpc_program
from edge.reference.literals import PYTHON, TYPESCRIPT, literal
from edge.reference.operations import KEY, Operation
from edge.transcoder.routes import Route

_SEARCHES = "/search"

# Reads a body without an end. Not every browser and compiler can loop over one.
_TYPESCRIPT_STREAM = (
    "const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()",
    "for (let part = await reader?.read(); part?.value; part = await reader?.read()) {",
    "  console.log(part.value)",
    "}",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A program; `language` is a name from `edge.documentation.highlight`, or gRPC."""

    language: str
    title: str
    code: str

    @property
    def code_language(self) -> str:
        """The language that it is written in."""
        return "python" if self.language == "grpc" else self.language


def samples_of(
    operation: Operation, version: str, route: Route | None = None
) -> tuple[Sample, ...]:
    """The samples of an operation under a contract.

    Clients and gRPC speak the newest contract alone. Samples for them are made if
    `route` is given, the operation's route.
    """
    url = HERE + path_of(operation)
    shell = Sample("sh", "curl", _curl(operation, version, url))
    if route is None or not has_client(operation):
        return (
            shell,
            Sample("python", "Python", _python(operation, version, url)),
            Sample("typescript", "TypeScript", _typescript(operation, version, url)),
        )
    clients = (
        shell,
        Sample("python", "Python", python_program(operation)),
        Sample("typescript", "TypeScript", typescript_program(operation)),
    )
    if route.is_batch and not route.of_records:
        return clients  # over gRPC, its operations are messages as bytes
    return (*clients, Sample("grpc", "gRPC", grpc_program(operation, route)))


def _headers(operation: Operation, version: str, key: str) -> Mapping[str, str]:
    """The headers besides the token; `key` is an idempotency key or code for one."""
    found = {"Version": version}
    if operation.body is not None:
        found["Content-Type"] = operation.body.media
    if operation.has_key:
        found[KEY] = key
    return found


def _curl(operation: Operation, version: str, url: str) -> str:
    method = operation.method
    # The method that curl uses by default, without and with a body.
    implied = "GET" if operation.body is None else "POST"
    named = "" if method == implied else f"-X {method} "
    named += "-N " if operation.streams else ""
    named += "-OJ " if operation.is_file else ""
    lines = [f"curl {named}{shlex.quote(url)}"]
    lines.append('-H "Authorization: Bearer $TOKEN"')
    headers = _headers(operation, version, f"{operation.anchor}-1")
    lines += [f'-H "{name}: {value}"' for name, value in headers.items()]
    if operation.body is not None and operation.body.is_file:
        lines.append(f"--data-binary {shlex.quote(operation.body.example)}")
    elif operation.body is not None:
        lines.append(f"-d {shlex.quote(literal(operation.body.example, before='  '))}")
    return " \\\n  ".join(lines) + "\n"


def _python(operation: Operation, version: str, url: str) -> str:
    body, headers = operation.body, _headers(operation, version, "")
    values = {name: json.dumps(value) for name, value in headers.items()}
    imports = ["import os", "from urllib.request import Request, urlopen"]
    is_json = operation.good.type and not (operation.streams or operation.is_file)
    if is_json or (body is not None and not body.is_file):
        imports.insert(0, "import json")
    if KEY in headers:
        imports.append("from uuid import uuid4")
        values[KEY] = "str(uuid4())"
    lines = [
        *imports,
        "",
        "request = Request(",
        f'    "{url}",',
        f'    method="{operation.method}",',
        "    headers={",
        """        "Authorization": f"Bearer {os.environ['TOKEN']}",""",
        *(f'        "{name}": {value},' for name, value in values.items()),
        "    },",
    ]
    if body is not None and body.is_file:
        lines.append(f"    data={json.dumps(body.example)}.encode(),")
    elif body is not None:
        value = literal(body.example, PYTHON, "    ", "    ")
        lines.append(f"    data=json.dumps({value}).encode(),")
    lines += [
        ")",
        "with urlopen(request, timeout=30) as answer:",
        *_python_end(operation),
    ]
    return "\n".join(lines) + "\n"


def _python_end(operation: Operation) -> list[str]:
    if operation.streams:
        return ["    for line in answer:", '        print(line.decode(), end="")']
    return [f"    print({_python_result(operation)})"]


def _python_result(operation: Operation) -> str:
    if not operation.good.type:
        return "answer.status"
    if operation.is_file:
        return "answer.read()"
    read = "json.load(answer)"
    return f'{read}["data"]' if operation.path.endswith(_SEARCHES) else read


def _typescript(operation: Operation, version: str, url: str) -> str:
    headers = _headers(operation, version, "")
    values = {name: f"'{value}'" for name, value in headers.items()}
    if KEY in headers:
        values[KEY] = "crypto.randomUUID()"
    lines = [
        f"const answer = await fetch('{url}', {{",
        f"  method: '{operation.method}',",
        "  headers: {",
        "    Authorization: `Bearer ${process.env.TOKEN}`,",
        *(f"    {_name(name)}: {value}," for name, value in values.items()),
        "  },",
    ]
    if operation.body is not None and operation.body.is_file:
        lines.append(f"  body: {json.dumps(operation.body.example)},")
    elif operation.body is not None:
        value = literal(operation.body.example, TYPESCRIPT, before="  ")
        lines.append(f"  body: JSON.stringify({value}),")
    lines += ["})", "if (!answer.ok) throw new Error(await answer.text())"]
    if operation.streams:
        return "\n".join([*lines, *_TYPESCRIPT_STREAM]) + "\n"
    result = "answer.status"
    if operation.is_file:
        result = "await answer.arrayBuffer()"
    elif operation.good.type:
        result = "await answer.json()"
        if operation.path.endswith(_SEARCHES):
            result = f"({result}).data"
    lines.append(f"console.log({result})")
    return "\n".join(lines) + "\n"


def _name(header: str) -> str:
    return header if header.isidentifier() else f"'{header}'"
