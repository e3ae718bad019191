"""An OpenAPI document whose references can be followed."""

from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Document:
    """A document; `version` is the date of its contract."""

    content: Schema

    @property
    def version(self) -> str:
        """The date of the contract that it describes."""
        return str(self.content["info"]["version"])

    def resolved(self, part: Schema) -> Schema:
        """The part itself, or the part that it refers to."""
        while (reference := part.get("$ref")) is not None:
            found: Any = self.content
            for step in reference.removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            part = found
        return part

    def name_of(self, schema: Schema) -> str:
        """The name of a schema that is a reference; empty for any other."""
        reference = str(schema.get("$ref", ""))
        return reference.removeprefix(_SCHEMAS) if reference else ""

    def schema(self, name: str) -> Schema:
        """The schema with a name."""
        found: Schema = self.content["components"]["schemas"][name]
        return found

    def without_null(self, schema: Schema) -> tuple[Schema, bool]:
        """A schema without null, and whether null was in it."""
        if "anyOf" in schema:
            others = [each for each in schema["anyOf"] if each != {"type": "null"}]
            if len(others) == 1 and len(schema["anyOf"]) == 2:
                return others[0], True
            options = [self.without_null(each) for each in others]
            told = {each.get("type") for each, _ in options if "$ref" not in each}
            if told == {"string"} and any(nullable for _, nullable in options):
                return {**schema, "anyOf": [each for each, _ in options]}, True
        if isinstance(schema.get("type"), list):
            kinds = [each for each in schema["type"] if each != "null"]
            bare = {**schema, "type": kinds[0] if len(kinds) == 1 else kinds}
            if "enum" in schema:
                bare["enum"] = [each for each in schema["enum"] if each is not None]
            return bare, "null" in schema["type"]
        return schema, False

    def item(self, schema: Schema) -> Schema:
        """The schema of an array's elements; any other schema itself."""
        found = self.resolved(schema)
        return self.item(found["items"]) if found.get("type") == "array" else schema


def examples_of(part: Schema) -> tuple[tuple[str, Any], ...]:
    """The examples of a parameter or a media type, each with its description."""
    if "example" in part:
        return (("", part["example"]),)
    several = part.get("examples", {}).values()
    return tuple((each.get("summary", ""), each["value"]) for each in several)


def example_of(part: Schema) -> Any:
    """The first example of a parameter or a media type; None if there is none."""
    return next((value for _, value in examples_of(part)), None)
