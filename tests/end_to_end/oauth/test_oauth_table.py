"""The table of `docs/oauth.md` says what is tested, and its walk-through works."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.client import VERSION
from tests.end_to_end.refusals.rules import ALONE, RULES
from tests.end_to_end.refusals.table import CASES, table
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Person

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "oauth.md").read_text()

FEWEST_CASES = 120


def test_the_guide_has_the_table_as_it_is() -> None:
    assert table() in GUIDE, "print it: python -m tests.end_to_end.refusals"
    assert str(len(CASES)) in GUIDE


def test_every_case_is_for_a_rule_and_every_rule_is_tested() -> None:
    assert len(CASES) >= FEWEST_CASES
    assert {case.rule for case in CASES} | ALONE.keys() == RULES.keys()


def test_the_tests_that_are_named_are_there() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    defined = set(
        re.findall(r"\ndef (test_\w+)", "".join(f.read_text() for f in files))
    )
    assert {name for names in ALONE.values() for name in names} <= defined


@pytest.mark.needs_program("curl")
@pytest.mark.needs_program("openssl")
def test_the_walk_through_works(desk: Scene, tmp_path: Path) -> None:
    script = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
    base = f"http://{desk.tenant.stack.http}"
    script = script.replace("API=http://127.0.0.1:8080", f"API={base}")
    script = re.sub(r"VERSION=\S+", f"VERSION={VERSION}", script)
    before, _, after = script.partition("CODE=pcc_...\n")
    assert after, "the guide asks for the code"

    kept = run(before + "\ndeclare -p API VERSION APP VERIFIER\n", tmp_path)
    (url,) = re.findall(rf"{base}/oauth/authorize\?\S+", kept)
    person = Person(desk.tenant.stack.http)
    page = person.log_in(desk.email, url.removeprefix(base))
    code = person.answer(page).told["code"]

    variables = "\n".join(re.findall(r"declare -- .*", kept))
    helper = re.findall(r"^field\(\).*$", before, re.MULTILINE)[0]
    told = run(f"{variables}\n{helper}\nCODE={code}\n{after}", tmp_path)
    assert '"token_type":"Bearer"' in told
    assert f'"email":"{desk.email}"' in told
    assert told.rstrip().endswith("401"), told


def run(script: str, where: Path) -> str:
    """Runs a script as a reader would type it."""
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=where,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
