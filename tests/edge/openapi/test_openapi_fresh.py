"""The committed documents are those that the protos make, and say so of a new one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.openapi import files
from edge.openapi.comments import read_comments
from edge.openapi.document import build_document
from edge.openapi.operations import operation_id
from edge.surface import public_services
from edge.transcoder.routes import routes_of

GEN = Path("gen")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The documents, made anew into a folder."""
    descriptors = (GEN / "descriptors.binpb").read_bytes()
    (tmp_path / "descriptors.binpb").write_bytes(descriptors)
    subprocess.run([sys.executable, "-m", "edge.openapi", tmp_path], check=True)
    return tmp_path / files.FOLDER


def test_the_documents_are_fresh(made: Path) -> None:
    for version in files.versions():
        assert (made / f"{version}.json").read_bytes() == files.read(version)


def test_every_operation_and_problem_has_an_example() -> None:
    recording = files.read_recording()
    document = json.loads(files.read(files.versions()[-1]))
    names = {
        operation_id(route)
        for route in routes_of(public_services())
        if not (route.streams or route.is_file or route.is_upload)
    }
    for version in files.versions():
        assert recording["operations"][version].keys() == names
    statuses = {
        status
        for path in document["paths"].values()
        for operation in path.values()
        for status in operation["responses"]
        if status >= "400"
    }
    assert recording["problems"].keys() == statuses


def test_an_element_without_a_comment_is_no_document() -> None:
    comments = dict(read_comments((GEN / "descriptors.binpb").read_bytes()))
    del comments["prospectconnect.crm.v1.Contact.job_title"]
    with pytest.raises(KeyError, match="job_title"):
        build_document(public_services(), comments)
