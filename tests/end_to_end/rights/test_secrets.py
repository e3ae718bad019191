"""No secret is written anywhere in clear: no log, no error, no table.

PostgreSQL logs every statement here with its parameters, so that even what is only
looked up is seen.
"""

import asyncio
import tempfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote_plus

import asyncpg
import pytest

from deploy.embedded import postgres
from tests.harness.programs.faulty_program import program
from tests.harness.programs.whole_run import PASSWORD, Run, whole_run, written

LEAST_SECRETS = 18
_TALKATIVE = ("log_statement = 'all'", "log_min_error_statement = 'debug5'")


@contextmanager
def database() -> Iterator[tuple[str, Path]]:
    """A PostgreSQL that logs all that it is told: its URL, the folder of all logs."""
    with tempfile.TemporaryDirectory(prefix="pc-") as place:
        folder = Path(place)
        with postgres.running(folder / "data", lambda _: None) as url:
            asyncio.run(_let_talk(url))
            yield url, folder


async def _let_talk(url: str) -> None:
    link = await asyncpg.connect(url)
    for each in (*_TALKATIVE, "log_parameter_max_length_on_error = -1"):
        await link.execute(f"ALTER SYSTEM SET {each}")
    await link.execute("SELECT pg_reload_conf()")
    await link.execute("ALTER ROLE postgres SET log_error_verbosity = 'default'")
    await link.close()


def spellings(secret: str) -> set[bytes]:
    """A secret as it is, in a URL, in hexadecimal digits, and in base 64."""
    data = secret.encode()
    return {
        *(data, quote_plus(secret).encode(), data.hex().encode()),
        *(b64encode(data).rstrip(b"="), urlsafe_b64encode(data).rstrip(b"=")),
    }


def leaks(run: Run) -> list[str]:
    """Where which secret was written."""
    return [
        f"{name} in {place}"
        for place, text in written(run)
        for name, secret in run.secrets.items()
        if any(each in text for each in spellings(secret))
    ]


def test_no_secret_is_written_anywhere() -> None:
    with database() as (url, folder):
        run = whole_run(url, folder)
        assert len(run.secrets) >= LEAST_SECRETS
        assert leaks(run) == []
        wrote = dict(written(run))
        assert b"UndefinedTableError" in wrote["services.log"], "no fault was logged"
        assert b"INSERT INTO contacts" in wrote["postgres.log"]
        assert b"ann@acme.example" in wrote["postgres.log"], "no parameters are logged"
        assert {"table tokens", "table users", "edge.log"} <= wrote.keys()
        print(f"{len(run.secrets)} secrets in {len(wrote)} logs and tables")
        statement = f"UPDATE contacts SET job_title = '{PASSWORD}'"
        run.sql(statement)
        found = leaks(run)
    assert [each for each in found if each.endswith("in table contacts")]
    assert [each for each in found if each.endswith("in postgres.log")]


@pytest.mark.canary
def test_a_token_in_a_log_would_be_found() -> None:
    with database() as (url, folder):
        run = whole_run(url, folder, program("token_logged"))
        found = leaks(run)
    assert [each for each in found if each.startswith("token ")]
    assert {each.partition(" in ")[2] for each in found} == {"services.log"}


@pytest.mark.parametrize("secret", ["a b+c/ü", "pcp_0123456789"])
def test_a_secret_is_known_in_other_spellings(secret: str) -> None:
    assert len(spellings(secret)) >= 3
