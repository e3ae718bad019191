"""The files of `tests/data`, read as they are, and what puts their dirt right."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"

COUNTRIES = {
    "Argentina": "AR",
    "Australia": "AU",
    "Austria": "AT",
    "Belgium": "BE",
    "Brazil": "BR",
    "Canada": "CA",
    "Chile": "CL",
    "China": "CN",
    "Czech Republic": "CZ",
    "Denmark": "DK",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Hungary": "HU",
    "India": "IN",
    "Ireland": "IE",
    "Italy": "IT",
    "Japan": "JP",
    "Jordan": "JO",
    "Kenya": "KE",
    "Korea": "KR",
    "Netherlands": "NL",
    "Norway": "NO",
    "Panama": "PA",
    "Philipines": "PH",
    "Poland": "PL",
    "Portugal": "PT",
    "Romania": "RO",
    "Spain": "ES",
    "Sweden": "SE",
    "USA": "US",
    "United Kingdom": "GB",
    "United States": "US",
}


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, each by the names in the file's head."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value not in ("", None)}


def slug(name: str) -> str:
    """A name as keys and addresses hold it: `Moses Frase` is `moses-frase`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
