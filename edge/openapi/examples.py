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


def illustrate(document: Schema, recording: Recording) -> Schema:
    """Adds examples to a document, in place, and returns it.

    Args:
        document: The document of a contract.
        recording: `operations` by contract and operation id, `problems` by status.
    """
    operations = recording["operations"].get(document["info"]["version"], {})
    for path in document["paths"].values():
        for operation in path.values():
            if example := operations.get(operation["operationId"]):
                _of_operation(operation, example)
    for status, problems in recording["problems"].items():
        response = document["components"]["responses"][response_name(int(status))]
        response["content"][MEDIA_TYPE]["examples"] = {
            name: {"summary": shown["detail"], "value": shown}
            for name, shown in problems.items()
        }
    return document


def _of_operation(operation: Schema, example: Recording) -> None:
    for parameter in operation["parameters"]:
        if parameter.get("in") == "path":
            parameter["example"] = example["path"][parameter["name"]]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = example["body"]
    for status, response in operation["responses"].items():
        if status.startswith("2") and "content" in response:
            for content in response["content"].values():
                content["example"] = example["answer"]
