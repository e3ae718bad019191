"""The reference as Markdown."""

from collections.abc import Iterator

from edge.reference.document import Document
from edge.reference.facts import Fact
from edge.reference.fields import Field
from edge.reference.literals import literal
from edge.reference.operations import Answer, Operation
from edge.reference.resources import Resource, operation_path
from edge.reference.samples import Sample


def overview_text(document: Document, resources: tuple[Resource, ...]) -> str:
    """The page over all resources."""
    lines = [
        "# API reference",
        "",
        f"Every operation of the contract `{document.version}`.",
    ]
    for resource in resources:
        lines += ["", f"## [{resource.name}]({resource.path}.md)", "", resource.about]
        lines += ["", *(_line(each, resource) for each in resource.operations)]
    return "\n".join(lines) + "\n"


def resource_text(resource: Resource) -> str:
    """The page of a resource."""
    lines = [f"# {resource.name}", "", resource.about, ""]
    lines += [_line(each, resource) for each in resource.operations]
    if record := resource.record:
        lines += ["", f"## {record.title}", "", record.about, "", *_list(record.fields)]
    if resource.problems:
        lines += ["", "## Problems"]
        for each in resource.problems:
            lines += ["", f"### {each.status}", "", each.about, *_example(each)]
    return "\n".join(lines) + "\n"


def operation_text(
    operation: Operation, facts: tuple[Fact, ...], samples: tuple[Sample, ...]
) -> str:
    """The page of an operation."""
    return "\n".join(_operation(operation, facts, samples)) + "\n"


def _line(operation: Operation, resource: Resource) -> str:
    address = f"{operation_path(resource, operation)}.md"
    call = f"`{operation.method} {operation.path}`"
    return f"- [{operation.summary}]({address}): {call}"


def _operation(
    operation: Operation, facts: tuple[Fact, ...], samples: tuple[Sample, ...]
) -> Iterator[str]:
    yield from (f"# {operation.summary}", "")
    yield from (f"`{operation.method} {operation.path}`", "", operation.about, "")
    yield from (f"- {each.name}: {each.text}" for each in facts)
    for title, parameters in (
        ("Path", operation.parameters),
        ("Query", operation.query),
        ("Headers", operation.headers),
    ):
        if parameters:
            yield from ("", f"## {title}", "")
            for each in parameters:
                needed = ", required" if each.required else ""
                yield f"- `{each.name}` ({each.type}{needed}): {each.about}"
    if operation.body is not None and operation.body.fields:
        yield from ("", "## Body", "")
        if operation.body.rule:
            yield from (operation.body.rule, "")
        yield from _list(operation.body.fields)
        for condition in operation.body.conditions:
            names = ", ".join(f"`{name}`" for name in condition.fields)
            yield f"  - {names}: {', '.join(condition.operators)}"
    yield from ("", "## Examples")
    for sample in samples:
        yield from ("", f"{sample.title}:", "")
        yield from (f"```{sample.code_language}", sample.code.rstrip(), "```")
    good = operation.good
    yield from ("", "## Answer", "", f"{good.status}: {good.about}", *_example(good))
    if good.fields:
        yield from ("", *_list(good.fields))
    others = [str(each.status) for each in operation.answers if each is not good]
    yield from ("", f"Other answers: {', '.join(others)}.")


def _example(answer: Answer) -> Iterator[str]:
    for _, example in answer.examples:
        yield from ("", "```json", literal(example), "```")


def _list(fields: tuple[Field, ...], before: str = "") -> Iterator[str]:
    for each in fields:
        facts = [each.type + (" or null" if each.nullable else "")]
        facts += ["required"] * each.required + ["read-only"] * each.read_only
        facts += [*each.rules]
        facts += ["filters"] * each.filters + ["sorts"] * each.sorts
        if each.default is not None:
            facts.append(f"default `{literal(each.default)}`")
        yield f"{before}- `{each.name}` ({', '.join(facts)}): {each.about}"
        for value, about in each.values:
            yield f"{before}  - `{value}`{': ' if about else ''}{about}"
        yield from _list(each.fields, before + "  ")
