"""The types of filters are the document's: what a search takes compiles, nothing else.

Each field of each resource is tried with each operator and each form of its value.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from prospectconnect_client import VERSION

pytestmark = pytest.mark.node

ROOT = Path(__file__).parents[3]
TSC = ROOT / "deploy/clients/typescript/node_modules/.bin/tsc"
SCHEMAS: Mapping[str, Any] = json.loads(
    Path(f"gen/openapi/{VERSION}.json").read_text()
)["components"]["schemas"]

WRONG = "{ wrong: true }"

# A field, an operator, and what it is compared with: a `value`, `values` that are `one`
# or `two`, or `none`.
Form = tuple[str, str, str]


def resources() -> list[str]:
    """What can be searched by filters.

    Webhooks answer with filters of any resource: `Filter` itself, which names no field.
    """
    return [
        name.removesuffix("Filter")
        for name in SCHEMAS
        if name.endswith("Filter")
        and name != "Filter"
        and not name.endswith(("AnyFilter", "AllFilter", "NotFilter"))
    ]


def conditions(resource: str) -> Iterator[Mapping[str, Any]]:
    """The conditions that a resource's filters may be."""
    for form in SCHEMAS[f"{resource}Filter"]["oneOf"]:
        condition = SCHEMAS[form["$ref"].rpartition("/")[2]]
        if "field" in condition["properties"]:
            yield condition


def fields_of(condition: Mapping[str, Any]) -> Iterator[str]:
    """The fields of a condition; of custom fields and of external ids one each."""
    field = condition["properties"]["field"]
    for form in field.get("anyOf", [field]):
        holder = form.get("pattern", "").lstrip("^").partition("\\.")[0]
        yield from form.get("enum", [f"{holder}.tier"])


def sample(schema: Mapping[str, Any]) -> str:
    """A value of a schema, as TypeScript has it."""
    if "$ref" in schema:
        return sample(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "enum" in schema:
        return json.dumps(schema["enum"][0])
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    return {"string": "'a'", "number": "1", "integer": "1", "boolean": "true"}[kind]


def taken(resource: str) -> dict[Form, str]:
    """All forms that the document takes, with the text of the value."""
    found = {}
    for condition in conditions(resource):
        several = condition.get("if", {}).get("properties", {})
        lists = several.get("operator", {}).get("enum", [])
        value = condition["properties"].get("value")
        text = value and sample(value)
        for field in fields_of(condition):
            for operator in condition["properties"]["operator"]["enum"]:
                if value is None:
                    found[field, operator, "none"] = ""
                elif operator == "between":
                    found[field, operator, "two"] = f", values: [{text}, {text}]"
                elif operator in lists:
                    found[field, operator, "one"] = f", values: [{text}]"
                    found[field, operator, "two"] = f", values: [{text}, {text}]"
                else:
                    found[field, operator, "value"] = f", value: {text}"
    return found


def program(resource: str) -> Iterator[str]:
    """Each form that is taken, and each that is not, which the compiler must refuse."""
    good = taken(resource)
    fields = [*sorted({field for field, _, _ in good}), "emial"]
    operators = [*sorted({operator for _, operator, _ in good}), "like"]
    known = {(field, operator) for field, operator, _ in good}
    # A value of the right kind for each field, so that the form alone is wrong.
    values = {field: text for (field, _, how), text in good.items() if how == "value"}
    for field in fields:
        value = values.get(field, ", value: 'a'").removeprefix(", value: ")
        forms = {
            "value": f", value: {value}",
            "none": "",
            "one": f", values: [{value}]",
            "two": f", values: [{value}, {value}]",
        }
        for operator in operators:
            told = f"{{ field: '{field}', operator: '{operator}'"
            if (field, operator) not in known:
                yield f"// @ts-expect-error\ntake({told}{forms['value']} }})"
                continue
            for how, rest in forms.items():
                if (field, operator, how) in good:
                    yield f"take({told}{good[field, operator, how]} }})"
                else:
                    yield f"// @ts-expect-error\ntake({told}{rest} }})"
            for wrong in (f"value: {WRONG}", f"values: [{WRONG}, {WRONG}]"):
                yield f"// @ts-expect-error\ntake({told}, {wrong} }})"


def test_the_compiler_takes_what_a_search_takes_and_nothing_else(
    tmp_path: Path,
) -> None:
    package = tmp_path / "node_modules/@prospectconnect/client"
    package.parent.mkdir(parents=True)
    package.symlink_to(ROOT / "gen/clients/typescript")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    for resource in resources():
        lines = [
            "import type { records } from '@prospectconnect/client'",
            f"const take = (filter: records.{resource}Filter) => filter",
            *program(resource),
        ]
        assert len(lines) > 100
        (tmp_path / f"{resource}.ts").write_text("\n".join(lines))
    options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022"]
    found = subprocess.run(
        [TSC, *options, *[f"{resource}.ts" for resource in resources()]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout[:3000]) == (0, "")
