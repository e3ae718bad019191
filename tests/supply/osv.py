"""Advisories of a checkout of `github.com/pypa/advisory-database`, in OSV's form."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

from tests.supply.lock import Pin, normal

# `introduced: "0"` is before every version.
_FIRST = Version("0.dev0")


def advisories_of(folder: Path, pin: Pin) -> list[str]:
    """The ids of the advisories that concern a pin. Raises OSError without a folder."""
    if not (folder / "vulns").is_dir():
        raise OSError(f"{folder} holds no advisories.")
    files = sorted((folder / "vulns" / pin.name).glob("*.yaml"))
    records = (yaml.safe_load(file.read_text()) for file in files)
    return [record["id"] for record in records if concerns(record, pin)]


def concerns(record: Mapping[str, Any], pin: Pin) -> bool:
    """Whether an advisory that still stands names the version, or a range with it."""
    return "withdrawn" not in record and any(
        pin.version in affected.get("versions", ())
        or any(_is_within(each, pin.version) for each in affected.get("ranges", ()))
        for affected in record["affected"]
        if normal(affected["package"]["name"]) == pin.name
    )


def _is_within(given: Mapping[str, Any], version: str) -> bool:
    if given["type"] != "ECOSYSTEM":
        return False
    try:
        return _is_affected(given["events"], Version(version))
    except InvalidVersion:
        return True  # nobody can say that it is not


def _is_affected(events: Iterable[Mapping[str, str]], version: Version) -> bool:
    """As OSV has it: the last event at or before the version decides."""
    moments = sorted(
        (_FIRST if text == "0" else Version(text), kind)
        for event in events
        for kind, text in event.items()
    )
    affected = False
    for moment, kind in moments:
        if version > moment or (version == moment and kind != "last_affected"):
            affected = kind == "introduced"
    return affected
