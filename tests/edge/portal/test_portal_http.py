"""The portal over HTTP: its headers, its copies, its search, and those who are lost."""

import gzip
import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import quote

import pytest
from grpc_health.v1 import health_pb2

from edge.limits.limit import Limit
from edge.openapi.files import versions
from edge.settings import AddressLimits
from edge.web.stored import store
from tests.edge.portal.html_pages import read_page
from tests.edge.served import (
    JSON,
    Scenario,
    Served,
    check_problem,
    run,
    shared_edge,
)

PACKED = {"Accept-Encoding": "gzip"}
IMPORTED = re.compile(r" from '\./([\w-]+\.js)'")
FOR_GOOD = "public, max-age=31536000, immutable"
EVIL = ("<script>alert(1)</script>", '"><b x="', "{{ 7*7 }}", "%00", "é" * 500)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

Read = Callable[[Scenario], None]


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    """Runs what only reads on one edge, which takes a second to write its pages."""
    unlimited = AddressLimits(pages=Limit(1_000_000, 1))
    with shared_edge(address_limits=unlimited) as run_on_it:
        yield run_on_it


def test_pages_say_what_they_are_and_are_sent_once(read: Read) -> None:
    async def scenario(edge: Served) -> None:
        for path in ("/", "/docs", "/docs/errors", "/problems/validation"):
            plain = {**BROWSER, "Accept-Encoding": "identity"}
            page = await edge.ask("GET", path, headers=plain)
            assert page.status == 200
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"
            assert page.headers["Cache-Control"] == "no-cache"
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["Referrer-Policy"] == "no-referrer"
            policy = page.headers["Content-Security-Policy"].split("; ")
            assert "default-src 'none'" in policy
            assert "script-src 'self'" in policy
            assert "style-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in page.headers["Content-Security-Policy"]
            tag = page.headers["ETag"]
            again = await edge.ask("GET", path, headers={**plain, "If-None-Match": tag})
            assert (again.status, again.text) == (304, b"")
            assert again.headers["ETag"] == tag
            head = await edge.ask("HEAD", path, headers=plain)
            assert (head.status, head.text) == (200, b"")
            assert head.headers["Content-Length"] == str(len(page.text))

    read(scenario)


def test_the_compressed_copy_has_a_tag_of_its_own(read: Read) -> None:
    async def scenario(edge: Served) -> None:
        tags = {}
        for coding in ("identity", "gzip", "br, gzip;q=0.5", "gzip;q=0", ""):
            headers = {**BROWSER, "Accept-Encoding": coding}
            page = await edge.ask("GET", "/docs", headers=headers)
            tags[coding] = page.headers["ETag"]
            assert page.headers["Vary"] == "Accept-Encoding"
            # The client undoes it; what came is told by the length.
            packed = int(page.headers["Content-Length"]) < len(page.text)
            assert packed == (coding in ("gzip", "br, gzip;q=0.5"))
        assert tags["gzip"] == tags["br, gzip;q=0.5"] != tags["identity"]
        assert tags["gzip;q=0"] == tags[""] == tags["identity"]

    read(scenario)


def test_the_first_visit_is_small(read: Read) -> None:
    """With the modules that its scripts import, as a browser loads them."""

    async def scenario(edge: Served) -> None:
        page = await edge.ask("GET", "/", headers=BROWSER | PACKED)
        seen = read_page(page.text.decode())
        wanted = [file for file in seen.files if file.startswith("/files/")]
        assert len({*wanted}) == 7, "four stylesheets, two scripts, an icon"
        total = int(page.headers["Content-Length"])
        loaded = set()
        while wanted:
            path = wanted.pop()
            if path in loaded:
                continue
            loaded.add(path)
            file = await edge.ask("GET", path, headers=PACKED)
            assert file.status == 200
            assert file.headers["Cache-Control"] == FOR_GOOD
            total += int(file.headers["Content-Length"])
            wanted += [f"/files/{n}" for n in IMPORTED.findall(file.text.decode())]
        assert total < 60_000, "compressed"

    read(scenario)


def test_pages_name_the_server_by_the_name_that_it_is_called(read: Read) -> None:
    async def scenario(edge: Served) -> None:
        for host in ("api.example:8443", "other.example"):
            for path in ("/", "/docs/getting-started", "/docs/getting-started.md"):
                page = await edge.ask("GET", path, headers={"Host": host})
                assert f"http://{host}/v1".encode() in page.text
                assert b"127.0.0.1:8080" not in page.text
            sitemap = await edge.ask("GET", "/sitemap.xml", headers={"Host": host})
            assert f"<loc>http://{host}/docs/errors</loc>".encode() in sitemap.text
        evil = await edge.ask("GET", "/", headers={"Host": '"><script>'})
        assert evil.status == 400
        assert b"<script>" not in evil.text

    read(scenario)


def test_search_engines_find_the_newest_contract_alone(read: Read) -> None:
    older = f"/docs/reference/{versions()[0]}"
    assert versions()[0] != versions()[-1]

    async def scenario(edge: Served) -> None:
        overview = await edge.ask("GET", older, headers=BROWSER)
        links = {
            link.partition("#")[0] for link in read_page(overview.text.decode()).links
        }
        assert {"/docs/reference", f"{older}/contacts", "/docs/changelog"} <= links
        for link in links:
            if link.startswith("/docs/") and not link.endswith((".json", ".zip")):
                for path in (link, f"{link}.md"):
                    page = await edge.ask("GET", path, headers=BROWSER)
                    assert page.status == 200, path
                    told = page.headers.get("X-Robots-Tag")
                    assert told == ("noindex" if link.startswith(older) else None), path

    read(scenario)


def test_what_is_for_programs(read: Read) -> None:
    async def scenario(edge: Served) -> None:
        base = f"http://127.0.0.1:{edge.port}"
        listed = await edge.ask("GET", "/llms.txt", headers={})
        assert listed.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert listed.text.startswith(b"# ProspectConnect API\n\n> ")
        assert f"({base}/docs/errors.md): ".encode() in listed.text
        whole = await edge.ask("GET", "/llms-full.txt", headers={})
        markdown = await edge.ask("GET", "/docs/errors.md", headers={})
        assert markdown.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert markdown.text.startswith(b"# ")
        assert markdown.text.strip() in whole.text
        robots = await edge.ask("GET", "/robots.txt", headers={})
        assert f"Sitemap: {base}/sitemap.xml".encode() in robots.text

    read(scenario)


def test_the_search_finds_and_escapes(read: Read) -> None:
    async def scenario(edge: Served) -> None:
        found = await edge.ask("GET", "/docs/search?q=rate+limit", headers=BROWSER)
        links = [
            link for link in read_page(found.text.decode()).links if "#" not in link
        ]
        assert found.status == 200
        assert "/docs/rate-limits" in links
        assert b"<mark>Rate</mark>" in found.text
        for query in EVIL:
            path = f"/docs/search?q={quote(query)}"
            page = await edge.ask("GET", path, headers=BROWSER)
            assert page.status == 200
            assert b"<script>alert" not in page.text
            assert b"<b x=" not in page.text
            assert f"“{query[:200]}”" in unescape(page.text.decode())
        empty = await edge.ask("GET", "/docs/search", headers=BROWSER)
        assert empty.status == 200
        broken = await edge.ask("GET", "/docs/search?q=%ff", headers=BROWSER)
        assert broken.status == 400
        assert b"That cannot be done" in broken.text

    read(scenario)


@pytest.mark.parametrize("path", ["/docs/rate-limit", "/rate-limit", "/a/rate_limit/"])
def test_people_who_are_lost_get_a_page(path: str, read: Read) -> None:
    async def scenario(edge: Served) -> None:
        page = await edge.ask("GET", path, headers=BROWSER)
        assert page.status == 404
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert page.headers["X-Trace-Id"]
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        likely = page.text.partition(b"Perhaps you mean")[2]
        assert b'href="/docs/rate-limits"' in likely
        assert b'action="/docs/search"' in likely

    read(scenario)


def test_clients_and_v1_keep_their_problem(read: Read) -> None:
    async def scenario(edge: Served) -> None:
        for path in ("/docs/nothing", "/nothing", "/problems/nothing"):
            answer = await edge.ask("GET", path, headers={"Accept": "*/*"})
            assert answer.status == 404
            assert answer.headers["Content-Type"] == "application/problem+json"
        for path in ("/v1", "/v1/", "/v1/nothing"):
            answer = await edge.ask("GET", path, headers=BROWSER)
            check_problem(answer, 404, "not-found")
        answer = await edge.ask("POST", "/nothing", headers=BROWSER)
        check_problem(answer, 404, "not-found")

    read(scenario)


def test_only_reading_is_done_here(read: Read) -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask("POST", "/docs", headers={})
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD"
        slash = await edge.ask(
            "GET", "/docs/errors/", headers={}, allow_redirects=False
        )
        assert (slash.status, slash.headers["Location"]) == (308, "/docs/errors")
        for path in ("//", "///", "//evil.example/"):
            answer = await edge.ask("GET", path, headers={}, allow_redirects=False)
            assert answer.status == 404
        off = await edge.ask(
            "GET", "/docs//evil.example/", headers={}, allow_redirects=False
        )
        assert off.status == 404

    read(scenario)


def test_pages_are_limited_by_address() -> None:
    async def scenario(edge: Served) -> None:
        for path in ("/docs/errors", "/nothing"):
            answer = await edge.ask("GET", path, headers=BROWSER)
        assert answer.headers["Content-Type"].startswith("text/html")
        limited = await edge.ask("GET", "/docs", headers=BROWSER)
        assert limited.status == 429
        assert int(limited.headers["Retry-After"]) > 0
        assert b"too often" in limited.text
        lost = await edge.ask("GET", "/nothing", headers=BROWSER)
        check_problem(lost, 404, "not-found")

    run(scenario, address_limits=AddressLimits(pages=Limit(2, 3600)))


def test_what_has_no_body_has_no_invented_type(read: Read) -> None:
    """Sanic would write the type of such an answer as `None`."""

    async def scenario(edge: Served) -> None:
        moved = await edge.ask("GET", "/docs/", allow_redirects=False)
        notice = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        noted = await edge.ask("POST", "/mcp", json=notice, headers=JSON)
        login = await edge.ask("GET", "/account", allow_redirects=False)
        for answer, status in ((moved, 308), (noted, 202), (login, 303)):
            assert (answer.status, answer.text) == (status, b"")
            assert answer.headers.get("Content-Type") in (None, "text/plain")

    read(scenario)


def test_gzip_is_what_it_says() -> None:
    stored = store(b"x" * 5000, "text/plain")
    assert gzip.decompress(stored.gzipped) == stored.content
    assert store(b"x", "text/plain").gzipped == b""
    assert store(b"y" * 5000, "text/plain").tag != stored.tag


def test_the_status_is_asked_for_each_time(read: Read) -> None:
    states = health_pb2.HealthCheckResponse

    async def scenario(edge: Served) -> None:
        for state, status, told in (
            (states.SERVING, 200, b"Everything answers"),
            (states.NOT_SERVING, 503, b"The API does not answer"),
            (states.SERVING, 200, b"Everything answers"),
        ):
            await edge.health.set("", state)
            page = await edge.ask("GET", "/status", headers=BROWSER)
            assert page.status == status
            assert page.headers["Cache-Control"] == "no-store"
            assert told in page.text

    read(scenario)
