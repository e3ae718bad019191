"""The Markdown sources of the portal: their folder, and the targets of their links."""

import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path

_HERE = Path(__file__).parent


def docs_folder() -> Path:
    """The folder `docs`: beside this package if it was installed from a wheel, at the
    top of the tree in a checkout.
    """
    installed = _HERE / "docs"
    return installed if installed.is_dir() else _HERE.parents[1] / "docs"


def resolver(name: str, addresses: Mapping[str, str]) -> Callable[[str], str]:
    """Turns the links of a text into addresses.

    Args:
        name: The text, as a path below `docs`.
        addresses: The address of each text on the site, by such paths.
    """

    def resolve(link: str) -> str:
        target, mark, anchor = link.partition("#")
        if not target.endswith(".md") or ":" in target:
            return link
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        if path not in addresses:
            raise ValueError(f"{name} links to {link}, which is no page")
        return f"{addresses[path]}{mark}{anchor}"

    return resolve
