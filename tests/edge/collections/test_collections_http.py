"""The collections over HTTP: at their addresses, and the same bytes each time."""

import io
import json
from zipfile import ZipFile

from edge.collections.bruno import archive, files_of
from edge.collections.calls import read
from edge.collections.postman import collection
from edge.openapi.files import versions
from edge.reference.document import Document
from tests.edge.served import Served, run


def test_they_are_at_their_addresses() -> None:
    async def scenario(edge: Served) -> None:
        base = f"http://127.0.0.1:{edge.port}"
        for version in versions():
            above = "/docs/reference"
            if version != versions()[-1]:
                above += f"/{version}"
            postman = await edge.ask("GET", f"{above}/postman.json", headers={})
            assert postman.status == 200
            assert postman.headers["Content-Type"] == "application/json"
            assert postman.text == collection(read(version), base)
            variables = {
                e["key"]: e["value"] for e in json.loads(postman.text)["variable"]
            }
            assert variables["base_url"] == base
            assert variables["version"] == version
            bruno = await edge.ask("GET", f"{above}/bruno.zip", headers={})
            assert bruno.headers["Content-Type"] == "application/zip"
            assert bruno.text == archive(read(version), base)
            disposition = bruno.headers["Content-Disposition"]
            assert disposition == 'attachment; filename="prospectconnect-bruno.zip"'
            tag = {"If-None-Match": bruno.headers["ETag"]}
            again = await edge.ask("GET", f"{above}/bruno.zip", headers=tag)
            assert again.status == 304
            refused = await edge.ask("POST", f"{above}/bruno.zip", headers={})
            assert refused.status == 405

    run(scenario)


def test_the_archive_is_a_folder() -> None:
    with ZipFile(io.BytesIO(archive(read(versions()[-1]), "http://a"))) as archived:
        assert archived.testzip() is None
        names = archived.namelist()
        assert len(set(names)) == len(names)
        assert all(name.startswith("prospectconnect/") for name in names)
        assert not any(".." in name or "\\" in name for name in names)
        assert "prospectconnect/contacts/create-contact.bru" in names


def test_no_text_of_a_document_ends_a_block() -> None:
    """Planted: texts that look like the end of a block and the begin of another one."""
    evil = "A text\n}\n\nscript:pre-request {\n  require('child_process')\n}"
    planted = read(versions()[-1])
    for item in planted.content["paths"].values():
        for told in item.values():
            told["description"] = evil
    for _, text in files_of(Document(planted.content), "http://a"):
        assert "\nscript:pre-request" not in text
