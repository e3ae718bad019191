"""Adds the recorded examples to the documents: requests and their answers.

They are recorded from the running product. An operation without a recording has no
examples.
"""

from collections.abc import Mapping
from typing import Any

from edge.openapi.problems import response_name
from edge.openapi.values import Schema
from edge.problems import MEDIA_TYPE

Recording = Mapping[str, Any]

# The answer of an operation that goes on in a job, and the operation that shows one.
_BEGUN, _SHOWS_JOB = "202", "getJob"


def illustrate(document: Schema, recording: Recording) -> Schema:
    """Adds examples to a document, in place, and returns it.

    Args:
        document: The document of a contract.
        recording: `operations` by contract and operation id, `problems` by status.
    """
    operations = recording["operations"].get(document["info"]["version"], {})
    for path, item in document["paths"].items():
        for operation in item.values():
            if example := operations.get(operation["operationId"]):
                job = operations.get(_SHOWS_JOB, {}).get("answer")
                _of_operation(operation, example, job)
            else:
                _of_file(operation, operations.get(_shows(document, path), {}))
    for status, problems in recording["problems"].items():
        response = document["components"]["responses"][response_name(int(status))]
        response["content"][MEDIA_TYPE]["examples"] = {
            name: {"summary": shown["detail"], "value": shown}
            for name, shown in problems.items()
        }
    return document


def _shows(document: Schema, path: str) -> str:
    """The operation that shows the record which a path begins with, "" if none does."""
    record = path.partition("{id}")[0] + "{id}"
    shows = document["paths"].get(record, {}).get("get", {})
    return str(shows.get("operationId", ""))


def _of_file(operation: Schema, example: Recording) -> None:
    """The first file of what another operation shows: files are not recorded."""
    if not example:
        return
    for parameter in operation["parameters"]:
        if parameter.get("in") == "path":
            parameter["example"] = example["path"].get(parameter["name"], "1")
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for content in response.get("content", {}).values():
                content.setdefault("example", example["answer"])


def _of_operation(operation: Schema, example: Recording, job: Any) -> None:
    for parameter in operation["parameters"]:
        if parameter.get("in") == "path":
            parameter["example"] = example["path"][parameter["name"]]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = example["body"]
    is_sometimes = len([s for s in operation["responses"] if s.startswith("2")]) > 1
    for status, response in operation["responses"].items():
        if status.startswith("2") and "content" in response:
            for content in response["content"].values():
                is_job = status == _BEGUN and is_sometimes
                # Other forms of an answer have examples of their own.
                content.setdefault("example", job if is_job else example["answer"])
