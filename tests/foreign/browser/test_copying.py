"""The button that copies code copies what can be run."""

import json
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "edge/web/static/copying.js"

pytestmark = pytest.mark.node


@pytest.mark.parametrize(
    ("shown", "copied"),
    [
        ("curl -sS $API/me\n", "curl -sS $API/me"),
        ("$ pcrm login\n", "pcrm login"),
        ("$ pcrm me get\nrole  owner\n$ pcrm logout\n", "pcrm me get\npcrm logout"),
        ("$ pcrm me get \\\n  --url X\nowner\n", "pcrm me get \\\n  --url X"),
        ("A=$B\n  $ no prompt\n", "A=$B\n  $ no prompt"),
    ],
)
def test_prompts_and_answers_are_left_out(shown: str, copied: str) -> None:
    program = (
        "const [module, shown] = JSON.parse(process.argv[1]);"
        "import('data:text/javascript,' + encodeURIComponent(module))"
        ".then(({ copied }) => process.stdout.write(copied(shown)))"
    )
    told = json.dumps([SCRIPT.read_text(), shown])
    found = subprocess.run(
        ["node", "-e", program, told], capture_output=True, text=True, check=True
    )
    assert found.stdout == copied
