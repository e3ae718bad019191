"""The document that the last full run stands in, between two marks."""

from pathlib import Path

DOCUMENT = Path("docs/performance.md")
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def write(document: Path, text: str) -> None:
    """Puts a result in the place of the one before. Raises ValueError without marks."""
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} lacks {BEGIN} or {END}")
    document.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
