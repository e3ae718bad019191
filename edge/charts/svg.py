"""The SVG of a chart, finished: its title, its description, and its dark colours."""

import re
from html import escape

from edge.charts.colours import dark_rules

_ROOT = re.compile(r"<svg\b[^>]*>")
_TAG = re.compile(r"<[a-z]+ [^>]*>")
_SPOKEN = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')


def finished(svg: str, title: str, description: str, *, name: str = "") -> str:
    """An SVG with what screen readers say of it.

    Without a `name` it stands alone, with its own rules for dark. Else it is a part of
    a page, whose rules change its colours, and `name` is what its ids begin with.
    """
    found = _ROOT.match(svg)
    if found is None:
        raise ValueError("what was drawn is no SVG")
    size = _SIZE.search(found[0])
    width, height = size.groups() if size is not None else ("720", "360")
    title_id, text_id = f"{name}title", f"{name}text"
    sized = f' width="{width}" height="{height}"' if not name else ""
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{sized}'
        f' viewBox="0 0 {width} {height}" role="img"'
        f' aria-labelledby="{title_id} {text_id}">'
        f'<title id="{title_id}">{escape(title)}</title>'
        f'<desc id="{text_id}">{escape(description)}</desc>'
    )
    if not name:
        root += f"<style>{escape(dark_rules(), quote=False)}</style>"
    return root + _TAG.sub(_unspoken, svg[found.end() :])


def _unspoken(tag: re.Match[str]) -> str:
    """A tag without what it says to screen readers: the whole has its own text."""
    return _SPOKEN.sub("", tag[0])
