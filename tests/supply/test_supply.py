"""Known faults of what is installed are found; what nobody looked up is not good."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.supply.__main__ import CLEAN, FOUND, NOT_CHECKED, main, report
from tests.supply.index import Answers, ask_all
from tests.supply.lock import Pin, read_lock
from tests.supply.osv import concerns

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
DATABASE = ROOT / "tests/data/advisories"
OLD, GOOD = Pin("jinja2", "2.4.1"), Pin("jinja2", "3.1.6")
DIRECT = {"asyncpg", "grpcio", "sanic", "jinja2", "sqlalchemy", "pytest-xdist"}


def lock_of(folder: Path, *pins: Pin) -> Path:
    path = folder / "some.lock"
    path.write_text("".join(f"{p.name}=={p.version} \\\n    --hash=x\n" for p in pins))
    return path


@asynccontextmanager
async def index(answers: dict[str, object]) -> AsyncIterator[str]:
    """An index that knows these releases, as the JSON of PyPI tells about them."""

    async def tell(request: web.Request) -> web.Response:
        answer = answers.get(request.path)
        return web.json_response(answer, status=404 if answer is None else 200)

    app = web.Application()
    app.router.add_get("/{rest:.*}", tell)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def asked(answers: dict[str, object], *pins: Pin) -> Answers:
    async def ask() -> Answers:
        async with index(answers) as address:
            return await ask_all(address, pins)

    return asyncio.run(ask())


def test_the_lock_is_read_whole() -> None:
    pins = read_lock(LOCK)
    assert {pin.name for pin in pins} >= DIRECT
    lines = LOCK.read_text().splitlines()
    assert len(pins) == sum(not line.startswith((" ", "#")) for line in lines)


def test_a_lock_of_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pins nothing"):
        read_lock(lock_of(tmp_path))


def test_a_known_fault_is_found(tmp_path: Path) -> None:
    """jinja2 2.4.1 has CVE-2014-1402."""
    checks = ("--database", str(DATABASE), "--lock")
    assert main([*checks, str(lock_of(tmp_path, OLD))]) == FOUND
    assert main([*checks, str(lock_of(tmp_path, GOOD))]) == CLEAN


def test_no_database_is_no_good_news(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, GOOD)
    assert main(["--database", str(tmp_path), "--lock", str(lock)]) == NOT_CHECKED


def test_no_index_is_no_good_news(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = lock_of(tmp_path, GOOD)
    nobody = "http://127.0.0.1:9"
    assert main(["--index", nobody, "--lock", str(lock)]) == NOT_CHECKED
    assert "NOT CHECKED" in capsys.readouterr().out


def test_an_index_is_believed_only_about_what_it_tells() -> None:
    told: dict[str, object] = {
        "/jinja2/2.4.1/json": {
            "vulnerabilities": [
                {"id": "PYSEC-2014-8", "withdrawn": None},
                {"id": "PYSEC-2", "withdrawn": "2024-01-01T00:00:00Z"},
            ]
        },
        "/jinja2/3.1.6/json": {"vulnerabilities": []},
        "/quiet/1/json": {"info": {}},
    }
    unknown, quiet = Pin("unknown", "1"), Pin("quiet", "1")
    answers = asked(told, OLD, GOOD, unknown, quiet)
    assert answers == {OLD: ["PYSEC-2014-8"], GOOD: [], unknown: None, quiet: None}
    assert report(answers, "here") == FOUND
    assert report({GOOD: [], unknown: None}, "here") == NOT_CHECKED
    assert report({GOOD: []}, "here") == CLEAN


@pytest.mark.parametrize(
    ("version", "is_affected"),
    [
        *[("1.0", False), ("1.1", True), ("1.2", False), ("1.3rc1", False)],
        *[("2.0", True), ("2.1", True), ("2.1.post1", False), ("nonsense", True)],
    ],
)
def test_ranges_are_read_as_osv_has_them(version: str, is_affected: bool) -> None:
    first = [{"introduced": "1.1"}, {"fixed": "1.2"}]
    second = [{"introduced": "2.0"}, {"last_affected": "2.1"}]
    ranges = [{"type": "ECOSYSTEM", "events": each} for each in (first, second)]
    record = {
        "id": "X",
        "affected": [{"package": {"name": "Some_Package"}, "ranges": ranges}],
    }
    assert concerns(record, Pin("some-package", version)) == is_affected
    assert not concerns({**record, "withdrawn": "2024"}, Pin("some-package", version))
    assert not concerns(record, Pin("other", version))


@pytest.mark.nightly
def test_the_bill_of_materials_names_all_that_is_installed(tmp_path: Path) -> None:
    """The tool holds what it writes against the schema of CycloneDX by itself."""
    bill = tmp_path / "sbom.json"
    recipe = (ROOT / "Makefile").read_text().partition("\nsbom:")[2].split("\n\n")[0]
    flags = recipe.partition("cyclonedx_py ")[2].replace("\\\n", " ").split()
    flags = [str(bill) if each == "build/sbom.json" else each for each in flags]
    program = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", *flags]
    subprocess.run(program, cwd=ROOT, check=True, capture_output=True)
    written = json.loads(bill.read_text())
    named = {(each["name"], each["version"]) for each in written["components"]}
    assert {(pin.name, pin.version) for pin in read_lock(LOCK)} == named
    assert all(each["purl"].startswith("pkg:pypi/") for each in written["components"])
