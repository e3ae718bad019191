"""Code in colours, as classes that a stylesheet knows; other languages stay plain."""

import re
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
# Punctuation, blanks, operators and names have no colour in the stylesheet. Marked up,
# they would be a quarter of a page.
_PLAIN = re.compile(r'<span class="(?:[pwon]|n[acefnx])">([^<]*)</span>')


def highlight(code: str, language: str) -> str:
    """The code as HTML, escaped."""
    if language not in NAMES:
        return escape(code)
    lexer = get_lexer_by_name(language, stripnl=False)
    return _PLAIN.sub(r"\1", run(code, lexer, _FORMATTER))
