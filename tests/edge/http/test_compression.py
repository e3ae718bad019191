"""What is compressed, for whom, and what never is."""

import asyncio
import gzip
import sys

import pytest
from sanic import HTTPResponse

from edge.http.compression import WORTH_BYTES, compress, is_wanted, least_size
from edge.surface import public_services
from edge.transcoder.routes import routes_of
from tests.edge.mcp.assistant import say
from tests.edge.served import Served, run

NEVER = sys.maxsize

# What a client says, and from which size on its answers are compressed.
ACCEPTED = {
    "": NEVER,
    "gzip": WORTH_BYTES,
    "GZIP": WORTH_BYTES,
    "x-gzip": WORTH_BYTES,
    "gzip, deflate, br, zstd": WORTH_BYTES,
    "br;q=1.0, gzip ; q=0.5": WORTH_BYTES,
    "*": WORTH_BYTES,
    "br, *;q=0.1": WORTH_BYTES,
    "gzip;q=0.001": WORTH_BYTES,
    "gzip, identity": WORTH_BYTES,
    "identity;q=0.2, gzip;q=0.3": WORTH_BYTES,
    "br": NEVER,
    "identity": NEVER,
    "gzip;q=0": NEVER,
    "gzip;q=0.000, *": NEVER,
    "*;q=0": NEVER,
    "gzip;q=0.5, identity": NEVER,
    "gzip;q=0.5, *": NEVER,
    "identity;q=0": NEVER,
    "br, identity;q=0": NEVER,
    "gzip, identity;q=0": 1,
    "gzip;q=0.1, *;q=0": 1,
    "*, identity;q=0.0": 1,
    "gzip;q=2": NEVER,
    "gzip;q=-1": NEVER,
    "gzip;q=x": NEVER,
    "gzip;level=9": NEVER,
    "gzip deflate": NEVER,
    ",;,=, gzip": WORTH_BYTES,
}


@pytest.mark.parametrize("accepted", ACCEPTED)
def test_a_client_gets_what_it_says_that_it_takes(accepted: str) -> None:
    assert least_size(accepted) == ACCEPTED[accepted]
    assert least_size(f"deflate, {accepted}, compress") == ACCEPTED[accepted]


def test_an_answer_without_a_body_stays_without() -> None:
    for status in (204, 304):
        assert not is_wanted(["gzip, identity;q=0"], HTTPResponse(None, status))
    small = HTTPResponse(bytes(WORTH_BYTES - 1))
    assert not is_wanted(["gzip"], small)
    assert is_wanted(["gzip, identity;q=0"], small)
    assert is_wanted(["gzip"], HTTPResponse(bytes(WORTH_BYTES)))


def test_others_get_turns_while_a_large_answer_is_compressed() -> None:
    body = bytes(range(256)) * 4096  # 1 MiB

    async def turns() -> int:
        answer, counted = HTTPResponse(body, headers={"ETag": '"7"'}), 0
        work = asyncio.create_task(compress(answer))
        while not work.done():
            await asyncio.sleep(0)
            counted += 1
        assert answer.body is not None
        assert gzip.decompress(answer.body) == body
        assert answer.headers["ETag"] == '"7-gzip"'
        return counted

    assert asyncio.run(turns()) >= 16, "a turn for each 64 KiB"


def test_no_answer_with_a_credential_is_compressed() -> None:
    secret = {each.path for each in routes_of(public_services()) if each.shows_secret}
    webhooks = {"/v1/webhooks", "/v1/webhooks/{id}/rotate_secret"}
    sandboxes = {"/v1/sandboxes", "/v1/sandboxes/{id}/reset"}
    assert secret == {"/v1/tokens", "/v1/users/me/calendar", *webhooks, *sandboxes}


def test_long_results_of_tools_are_compressed() -> None:
    async def scenario(edge: Served) -> None:
        tools = await say(edge, "tools/list")  # the client says that it takes gzip
        assert tools.headers["Content-Encoding"] == "gzip"
        assert tools.headers["Vary"] == "Accept-Encoding"
        assert int(tools.headers["Content-Length"]) < len(tools.text) / 4
        short = await say(edge, "ping")
        assert "Content-Encoding" not in short.headers
        assert short.headers["Vary"] == "Accept-Encoding"

    run(scenario)
