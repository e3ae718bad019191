"""The document with the result of the last full run, between two marks."""

from pathlib import Path

DOCUMENT = Path("docs/performance.md")
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def write(document: Path, text: str) -> None:
    """Replaces the previous result. Raises ValueError if the marks are missing."""
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} lacks {BEGIN} or {END}")
    document.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
