"""An assistant imports a text and reads an export, by the official client of MCP."""

import asyncio
from typing import Any

import pytest
from mcp import Client

from tests.foreign.clients.test_mcp import assistant, bearing, good, problem
from tests.harness.people.oauth_scene import Scene

CSV = "email,job_title\nada@files.example,Analyst\nbroken,Nobody\n"
CONTACTS = {"resource": "contacts", "mode": "create", "format": "csv"}


async def ended(client: Client, job_id: str) -> None:
    """Waits for the end of a job."""
    while True:
        waited = {"id": job_id, "wait_seconds": 20}
        job = good(await client.call_tool("wait_job", waited))
        if job["state"] not in ("waiting", "running"):
            return


async def an_import(client: Client, **more: Any) -> Any:
    """An import of contacts, confirmed if it is no dry run."""
    its = {**CONTACTS, **more}
    made = good(await client.call_tool("create_import", its))
    if "confirmation" in made:
        its["confirmation"] = made["confirmation"]
        made = good(await client.call_tool("create_import", its))
    return made


async def imported(client: Client, text: str, **more: Any) -> Any:
    """An import of contacts that has ended."""
    made = await an_import(client, **more)
    sent = {"id": made["id"], "content": text}
    begun = good(await client.call_tool("write_import_content", sent))
    await ended(client, begun["job_id"])
    return good(await client.call_tool("get_import", {"id": made["id"]}))


async def found(client: Client, email: str) -> int:
    """How many contacts have an address."""
    alone = [{"field": "email", "operator": "eq", "value": email}]
    page = good(await client.call_tool("search_contacts", {"filters": alone}))
    return len(page["data"])


async def exported(client: Client, **more: Any) -> str:
    """An export that has ended."""
    given = {"resource": "contacts", "format": "ndjson", **more}
    made = good(await client.call_tool("create_export", given))
    await ended(client, made["job_id"])
    return str(made["id"])


async def read(client: Client, tool: str, **its: Any) -> str:
    """A whole file, by pieces."""
    text, offset = "", 0
    while offset is not None:
        piece = good(await client.call_tool(tool, {**its, "offset": offset}))
        assert piece["offset"] == offset
        text, offset = text + piece["text"], piece["next_offset"]
    assert len(text.encode()) == piece["total_bytes"]
    return text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_text_is_tried_then_imported_and_its_bad_rows_are_told(
    desk: Scene, mode: str
) -> None:
    text = CSV.replace("ada", mode)

    everything = bearing(desk.token(["contact.all"]))

    async def scenario() -> None:
        async with assistant(desk, mode, **everything) as client:
            tried = await imported(client, text, dry_run=True)
            assert (tried["created"], tried["failed"]) == (1, 1)
            assert tried["result"]["mapping"]["job_title"] == "job_title"
            assert await found(client, f"{mode}@files.example") == 0
            done = await imported(client, text)
            assert (done["created"], done["failed"]) == (1, 1)
            assert await found(client, f"{mode}@files.example") == 1
            bad = {"id": done["id"], "status": "failed"}
            (row,) = good(await client.call_tool("search_import_rows", bad))["data"]
            assert (row["row"], row["problem"]["errors"][0]["field"]) == (2, "email")
            errors = await read(client, "get_import_errors", id=done["id"])
            assert errors.splitlines()[0] == "_problem,email,job_title"
            assert errors.splitlines()[1].endswith(",broken,Nobody")

    asyncio.run(scenario())


def test_a_text_may_come_in_parts_and_never_after_the_start(desk: Scene) -> None:
    everything = bearing(desk.token(["contact.all"]))

    async def scenario() -> None:
        async with assistant(desk, **everything) as client:
            made = await an_import(client)
            its = {"id": made["id"]}
            for number, part in (("2", "arts@files.example\n"), ("1", "email\np")):
                sent = {**its, "number": number, "content": part}
                good(await client.call_tool("write_import_part", sent))
            begun = good(await client.call_tool("start_import", its))
            again = {**its, "content": CSV}
            late = await client.call_tool("write_import_content", again)
            assert problem(late)["status"] == 409
            assert "its state" in problem(late)["next"]
            await ended(client, begun["job_id"])
            assert await found(client, "parts@files.example") == 1

    asyncio.run(scenario())


def test_a_dry_run_of_a_whole_request_starts_nothing(desk: Scene) -> None:
    everything = bearing(desk.token(["contact.all"]))
    dry = {"headers": everything["headers"] | {"Dry-Run": "true"}}

    async def scenario() -> None:
        async with assistant(desk, **everything) as client:
            made = await an_import(client)
        sent = {"id": made["id"], "content": CSV}
        async with assistant(desk, **dry) as client:
            tried = await client.call_tool("write_import_content", sent)
            assert good(tried)["job_id"]
            assert tried.meta is not None
            assert tried.meta["dry-run"] is True
        async with assistant(desk, **everything) as client:
            its = {"id": made["id"]}
            left = good(await client.call_tool("get_import", its))
            assert (left["state"], left["parts"]) == ("waiting_for_content", [])
            first = good(await client.call_tool("cancel_import", its))
            its["confirmation"] = first["confirmation"]
            gone = good(await client.call_tool("cancel_import", its))
            assert gone["state"] == "cancelled"

    asyncio.run(scenario())


def test_an_export_is_read_piece_by_piece(desk: Scene) -> None:
    everything = bearing(desk.token(["contact.all"]))

    async def scenario() -> None:
        async with assistant(desk, **everything) as client:
            rows = "".join(f"e{n}@files.example,{'ü' * 99}\n" for n in range(200))
            assert (await imported(client, f"email,job_title\n{rows}"))[
                "created"
            ] == 200
            its = {"id": await exported(client), "number": "1"}
            lines = (await read(client, "get_export_file", **its)).splitlines()
            assert sum('"e7@files.example"' in line for line in lines) == 1
            beyond = {**its, "offset": 2**40}
            refused = problem(await client.call_tool("get_export_file", beyond))
            assert refused["errors"][0]["field"] == "offset"
            none = await client.call_tool("get_export_file", {**its, "number": "9"})
            assert problem(none)["status"] == 404
            packed = {"id": await exported(client, compression="gzip"), "number": "1"}
            no_text = problem(await client.call_tool("get_export_file", packed))
            assert no_text["status"] == 415
            assert "compression none" in no_text["detail"]

    asyncio.run(scenario())


def test_scopes_hold_for_texts_as_for_files(desk: Scene) -> None:
    """A token that reads imports nothing; one for deals reads no contacts."""

    scopes = ["contact.all", "deal.all", "contact.read"]
    full, other, reading = (bearing(desk.token([each])) for each in scopes)

    async def scenario() -> None:
        async with assistant(desk, **full) as client:
            made = await an_import(client)
            export = await exported(client)
        content = {"id": made["id"], "content": CSV}
        its = {"id": export, "number": "1"}
        async with assistant(desk, **other) as client:
            sent = await refused(client, "write_import_content", content)
            assert "contact.write" in sent
            assert "contact.read" in await refused(client, "get_export_file", its)
        async with assistant(desk, **reading) as client:
            assert "contact.write" in await refused(
                client, "write_import_content", content
            )
            # It may be empty: whether there are contacts is not this test's.
            piece = good(await client.call_tool("get_export_file", its))
            assert piece["name"] == "contacts-1.ndjson"

    asyncio.run(scenario())


async def refused(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    """What is told of a call for which the token lacks a scope: an HTTP status."""
    with pytest.raises(Exception, match=r"403|scope|grant") as error:
        good(await client.call_tool(tool, arguments))
    return repr(error.value)
