"""Ajv, the validator that most programs in JavaScript use, agrees with the server."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.schema.bodies import Bodies, normal
from tests.end_to_end.schema.every_type import AS_SCHEMA, TABLES, define_all, made_ids
from tests.foreign.programs import run_node
from tests.rounds import rounds

pytestmark = pytest.mark.node


def is_exact(value: Any) -> bool:
    """Whether no number in a value has more digits than doubles keep."""
    if isinstance(value, dict):
        return all(map(is_exact, value.values()))
    if isinstance(value, list):
        return all(map(is_exact, value))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return not is_number or abs(value) < 2**53


@pytest.mark.parametrize("table", TABLES)
def test_ajv_takes_the_bodies_that_the_server_takes(
    table: str, owner: Client, tmp_path: Path
) -> None:
    dice = random.Random(random.random())
    ids = made_ids(owner)
    define_all(owner, table, dice)
    path = f"/objects/{table}/schema"
    schema, form = owner.get(path).json, owner.get(path, **AS_SCHEMA).json
    drawn = Bodies(schema, ids, dice)
    bodies = [drawn.draw() for _ in range(rounds("SCHEMA_BODIES"))]
    bodies = [each for each in bodies if is_exact(each)]
    answers = [owner.post(f"/{table}", each) for each in bodies]
    told = {"schema": form, "bodies": [normal(schema, each) for each in bodies]}
    file = tmp_path / "told.json"
    file.write_text(json.dumps(told))
    found = run_node("openapi/json_schema.mjs", {"file": str(file)})
    assert len(found) == len(bodies) > 0
    for body, answer, refusal in zip(bodies, answers, found, strict=True):
        is_taken = answer.status == 201
        assert (refusal is None) == is_taken, (body, refusal, answer.body)
