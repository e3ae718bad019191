"""`prospectconnect openapi` prints the documents as they are in the repository."""

from edge.openapi import files
from tests.deploy.program import output, run


def test_it_prints_the_document_of_a_contract() -> None:
    newest = files.versions()[-1]
    assert output("openapi") == files.read(newest).decode().strip()
    for version in files.versions():
        printed = output("openapi", "--version", version)
        assert printed == files.read(version).decode().strip()


def test_a_contract_that_is_not_there_is_a_fault_that_names_those_that_are() -> None:
    failed = run("openapi", "--version", "2020-01-01")
    assert failed.returncode == 2
    assert all(version in failed.stderr for version in files.versions())
