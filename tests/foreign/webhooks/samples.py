"""The guide's samples of receivers in other languages, and requests to judge.

`python -m tests.foreign.webhooks.samples` runs the one in Go, which needs a toolchain.
"""

import base64
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.delivering.signing import key_of, signed
from tests.guides.pages import GUIDES, blocks_of

BODY = '{"type":"contact.created","timestamp":"2026-12-01T09:00:00Z","data":{"a":"é"}}'
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()

_GO = """package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"sample/receiving"
)

func main() {
	var cases []struct {
		Secret  string
		Headers map[string]string
		Body    string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	found := []bool{}
	for _, each := range cases {
		header := http.Header{}
		for name, value := range each.Headers {
			header.Set(name, value)
		}
		found = append(found, receiving.IsOurs(each.Secret, header, []byte(each.Body)))
	}
	text, _ := json.Marshal(found)
	fmt.Println(string(text))
}
"""
_NODE = """
import { isOurs } from './sample.mjs'
import { readFileSync } from 'node:fs'
const cases = JSON.parse(readFileSync(0, 'utf8'))
const judged = cases.map((c) => isOurs(c.secret, c.headers, Buffer.from(c.body)))
console.log(JSON.stringify(judged))
"""


def sample(language: str) -> str:
    """The guide's block in a language."""
    page = GUIDES / "receiving-webhooks.md"
    (found,) = (each for each in blocks_of(page) if each.language == language)
    return found.text


def cases(moment: int) -> tuple[list[dict[str, Any]], list[bool]]:
    """Requests as a receiver has them at a moment, and whether each is ours."""
    good = signed([key_of(SECRET)], "chg_1", moment, BODY.encode())
    both = signed([key_of(OTHER), key_of(SECRET)], "chg_1", moment, BODY.encode())
    old = signed([key_of(SECRET)], "chg_1", moment - 400, BODY.encode())
    early = signed([key_of(SECRET)], "chg_1", moment + 400, BODY.encode())
    signature = good["webhook-signature"]
    judged: list[tuple[str, dict[str, str], str, bool]] = [
        (SECRET, good, BODY, True),
        (SECRET, both, BODY, True),
        (OTHER, both, BODY, True),
        (SECRET, {**good, "webhook-signature": f"v2,x {signature}"}, BODY, True),
        (OTHER, good, BODY, False),
        (SECRET, good, BODY + " ", False),
        (SECRET, {**good, "webhook-id": "chg_2"}, BODY, False),
        (SECRET, {**good, "webhook-timestamp": str(moment - 1)}, BODY, False),
        (SECRET, {**good, "webhook-timestamp": "soon"}, BODY, False),
        (SECRET, {**good, "webhook-signature": ""}, BODY, False),
        (SECRET, {**good, "webhook-signature": signature[3:]}, BODY, False),
        (SECRET, {**good, "webhook-signature": signature[:-2]}, BODY, False),
        (SECRET, old, BODY, False),
        (SECRET, early, BODY, False),
    ]
    given = [
        {"secret": secret, "headers": headers, "body": body}
        for secret, headers, body, _ in judged
    ]
    return given, [each[-1] for each in judged]


def in_node(folder: Path, given: list[dict[str, Any]]) -> list[bool]:
    """What the sample for Node says of requests."""
    (folder / "sample.mjs").write_text(sample("typescript"))
    (folder / "main.mjs").write_text(_NODE)
    return _run(["node", "main.mjs"], folder, given)


def in_go(folder: Path, given: list[dict[str, Any]]) -> list[bool]:
    """What the sample for Go says of requests."""
    (folder / "receiving").mkdir()
    (folder / "receiving" / "receiving.go").write_text(sample("go"))
    (folder / "main.go").write_text(_GO)
    (folder / "go.mod").write_text("module sample\n\ngo 1.21\n")
    return _run(["go", "run", "."], folder, given)


def _run(command: list[str], folder: Path, given: list[dict[str, Any]]) -> list[bool]:
    told = json.dumps(given)
    ended = subprocess.run(
        command, cwd=folder, input=told, capture_output=True, text=True, check=True
    )
    found: list[bool] = json.loads(ended.stdout)
    return found


def main() -> None:
    """Judges the sample for Go."""
    given, judged = cases(int(time.time()))
    with TemporaryDirectory(prefix="pc-") as folder:
        found = in_go(Path(folder), given)
    if found != judged:
        sys.exit(f"The sample says {found} instead of {judged}.")
    print(f"The sample for Go judges {len(found)} requests rightly.")


if __name__ == "__main__":
    main()
