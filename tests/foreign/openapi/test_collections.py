"""The collections for Postman and Bruno, read with the programs' own readers."""

import json
from typing import Any

import pytest

from edge.collections.bruno import files_of
from edge.collections.calls import read
from edge.collections.postman import collection
from edge.openapi import files
from tests.foreign.programs import run_node

pytestmark = pytest.mark.node

NEWEST = files.versions()[-1]
ADDRESS = "https://api.example"
SENT = {"name", "method", "url", "path", "headers", "body"}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Both collections, as their programs understand them."""
    folder, document = tmp_path_factory.mktemp("collections"), read(NEWEST)
    (folder / "postman.json").write_bytes(collection(document, ADDRESS))
    for path, text in files_of(document, ADDRESS):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    written = sorted(folder.glob("*/*.bru"))
    bruno = {
        "collection": str(folder / "collection.bru"),
        "environment": str(folder / "environments/This server.bru"),
        "folders": [str(each) for each in written if each.name == "folder.bru"],
        "requests": [
            str(each)
            for each in written
            if each.name != "folder.bru" and each.parent.name != "environments"
        ],
    }
    told = {"postman": str(folder / "postman.json"), "bruno": bruno}
    return run_node("openapi/collections.mjs", told)


@pytest.mark.parametrize("kind", ["postman", "bruno"])
def test_every_operation_is_there_as_the_document_has_it(found: Any, kind: str) -> None:
    content = read(NEWEST).content["paths"]
    told = sorted(
        (method.upper(), path) for path, item in content.items() for method in item
    )
    requests = found[kind]["found"]
    assert sorted((e["method"], _path(e["url"])) for e in requests) == told
    for each in requests:
        operation = content[_path(each["url"])][each["method"].lower()]
        assert each["name"] == operation["summary"]
        assert each["headers"]["Version"] == "{{version}}"
        names = {
            parameter.get("$ref", "").rpartition("/")[2]
            for parameter in operation["parameters"]
        }
        assert ("Idempotency-Key" in each["headers"]) == ("IdempotencyKey" in names)
        assert set(each["path"]) == {
            part[1:-1] for part in _path(each["url"]).split("/") if part[:1] == "{"
        }
        has_body = "requestBody" in operation
        assert (each["body"] is not None) == has_body, each["name"]
        if has_body and each["headers"]["Content-Type"] == "application/json":
            assert isinstance(json.loads(each["body"]), dict)


def test_both_send_the_same(found: Any) -> None:
    def sent(kind: str) -> list[tuple[str, str]]:
        taken = ({name: e[name] for name in SENT} for e in found[kind]["found"])
        return sorted((each["name"], _written(each)) for each in taken)

    assert sent("postman") == sent("bruno")


def test_one_variable_is_all_that_a_user_sets(found: Any) -> None:
    postman, bruno = found["postman"], found["bruno"]
    assert postman["variables"] == {
        "base_url": ADDRESS,
        "version": NEWEST,
        "token": "",
    }
    assert postman["token"] == "{{token}}"
    assert {each["auth"] for each in postman["found"]} == {"bearer"}
    assert bruno["auth"]["mode"] == "bearer"
    assert bruno["auth"]["bearer"] == {"token": "{{token}}"}
    assert bruno["variables"]["base_url"] == ADDRESS
    assert bruno["variables"]["version"] == NEWEST
    assert bruno["names"] == ["base_url", "version", "token"]
    assert {each["auth"] for each in bruno["found"]} == {"inherit"}
    assert all(each["again"] for each in bruno["found"]), "Bruno writes what it read"


def _path(url: str) -> str:
    parts = url.removeprefix("{{base_url}}").split("/")
    return "/".join(f"{{{e[1:]}}}" if e.startswith(":") else e for e in parts)


def _written(each: dict[str, Any]) -> str:
    body = each["body"]
    alike = {**each, "body": None if body is None else body.strip()}
    return json.dumps(alike, sort_keys=True)
