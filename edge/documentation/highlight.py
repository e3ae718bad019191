"""Code in colours, as classes that a stylesheet knows; other languages stay plain."""

from html import escape

from pygments import highlight as run
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

# What a block of a language is called above it. Others are shown without a name.
NAMES = {
    "sh": "Shell",
    "console": "Terminal",
    "http": "HTTP",
    "json": "JSON",
    "python": "Python",
    "typescript": "TypeScript",
    "javascript": "JavaScript",
    "proto": "Protocol Buffers",
    "yaml": "YAML",
    "sql": "SQL",
}
_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


def highlight(code: str, language: str) -> str:
    """The code as HTML, escaped."""
    if language not in NAMES:
        return escape(code)
    lexer = get_lexer_by_name(language, stripnl=False)
    return run(code, lexer, _FORMATTER)
