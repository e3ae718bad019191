"""Every guide is run against a server, block by block, and answers what it shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guides import sessions
from tests.guides.pages import LANGUAGES, GuideError, blocks_of, name_of, pages
from tests.guides.running import Reader, run_page

pytestmark = [pytest.mark.needs_program(program) for program in ("curl", "openssl")]

# Pages about limits have the usual one, in whose headers they show.
USUAL_LIMIT = (100, 10)
ABOUT_LIMITS = ("authentication.md", "rate-limits.md", "problems/rate-limited.md")
ABOUT_TWO = ("two-way-sync.md",)

MakeReader = Callable[..., Reader]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_a_guide_does_what_it_says(page: Path, new_reader: MakeReader) -> None:
    limit = {"rate_limit": USUAL_LIMIT} if name_of(page) in ABOUT_LIMITS else {}
    run_page(page, new_reader(**limit, has_two=name_of(page) in ABOUT_TWO))


def test_most_blocks_are_run() -> None:
    """Says how many are, to whoever runs it with `-s`."""
    blocks = [block for page in pages() for block in blocks_of(page)]
    assert {block.language for block in blocks} <= set(LANGUAGES)
    run = [block for block in blocks if block.runs]
    compared = [block for block in run if block.answer]
    not_run = [block for block in blocks if block.language == "console"]
    print(f"{len(run)} blocks run, {len(compared)} answers, {len(not_run)} not run")
    assert len(not_run) * 10 < len(run)


ME = """curl -sSi $API/me -H "Authorization: Bearer $TOKEN" -H 'Version: 2026-11-01'"""
CONTACT, COMPANY = f"con_{1:024x}", f"cmp_{1:024x}"


def shell(command: str, answer: str = "", language: str = "json") -> str:
    """A block, and its answer if it shows one."""
    shown = f"\n```{language}\n{answer}\n```\n" if answer else ""
    return f"```sh\n{command}\n```\n{shown}"


# What is wrong on a page, the page, and what its reader must be told.
FAULTS = {
    "status": (shell(ME, "HTTP/1.1 201 Created", "http"), "status: shown"),
    "header": (shell(ME, "HTTP/1.1 200 OK\nVersion: 2026-06-01", "http"), "version: "),
    "no header": (shell(ME, "HTTP/1.1 200 OK\nETag: ...", "http"), "not there: etag"),
    "value": (shell("echo '{\"a\": 1}'", '{"a": 2}'), "answer.a: shown 2"),
    "kind": (shell("echo '{\"a\": 1}'", '{"a": true}'), "answer.a: shown True"),
    "one more": (shell('echo \'{"a": 1, "b": 1}\'', '{"a": 1}'), "not shown: b"),
    "one less": (shell("echo '{\"a\": 1}'", '{"b": 1, ...}'), "not there: b"),
    "longer": (shell("echo '[1, 2]'", "[1]"), "shown 1, came 2 elements"),
    "other id": (
        shell(f'echo \'["{CONTACT}", "con_{2:024x}"]\'', f'["{CONTACT}", "{CONTACT}"]'),
        r"answer\[1\]: con_",
    ),
    "other prefix": (shell(f"echo '[\"{COMPANY}\"]'", f'["{CONTACT}"]'), "came 'cmp_"),
    "no JSON": (shell("echo yes", "{}"), "this is no JSON: 'yes"),
    "refusal": (shell("curl -sS $API/nothing"), "failed with 22: .*not-found"),
    "command": (shell("false | cat"), "failed with 1"),
    "variable": (shell("echo $NOBODY"), "NOBODY: unbound variable"),
    "Python": ("```python\nprint(1 / 0)\n```\n", "line 4.*ZeroDivisionError"),
    "text": (shell("echo a", "b", "text"), "shown 'b', came 'a'"),
}


@pytest.mark.parametrize(("fault", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_guide_with_a_fault_fails_with_page_and_line(
    fault: str, told: str, reader: Reader, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n{fault}")
    with pytest.raises(GuideError, match=rf"(?s)^page\.md:3: .*{told}"):
        run_page(page, reader)


def test_a_block_that_hangs_is_ended_with_all_that_it_started(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "PATIENCE_SECONDS", 0.5)
    page = tmp_path / "page.md"
    page.write_text(shell("sleep 600 | cat"))
    with pytest.raises(GuideError, match=r"^page\.md:1: failed with -9"):
        run_page(page, reader)


def test_an_id_means_what_came_back_in_its_place(
    reader: Reader, tmp_path: Path
) -> None:
    """And commands that name it are given the real one; so with what Python prints."""
    shown, real = f"con_{3:024x}", f"con_{1:024x}"
    page = tmp_path / "page.md"
    page.write_text(
        f'```sh\necho \'{{"id": "{real}", "b": [1, 2]}}\'\n```\n\n'
        f'```json\n{{"id": "{shown}", "b": [1, ...]}}\n```\n\n'
        f'```python\nprint("{shown}")\n```\n\n```text\n{shown}\n```\n\n'
        f'```sh\ntest "{shown}" = con_{"0" * 23}1\n```\n'
    )
    assert run_page(page, reader) == 3
