"""Cells as JSON values: what a locale says, and nothing guessed."""

from decimal import Decimal

import pytest

from services.importing.values import boolean, day, items, moment, number
from services.imports.locales import LOCALES, PLAIN


@pytest.mark.parametrize(
    ("locale", "cell", "value"),
    [
        ("", "12", 12),
        ("", "-1.50", Decimal("-1.50")),
        ("", "1,234", "1,234"),
        ("", "1e3", Decimal("1e3").to_integral_value()),
        ("", "twelve", "twelve"),
        ("", "NaN", "NaN"),
        ("", "9" * 200, "9" * 200),
        ("en-US", "1,234,567.89", Decimal("1234567.89")),
        ("en-US", "1,23", "1,23"),
        ("de-DE", "1.234,5", Decimal("1234.5")),
        ("de-DE", "1.5", "1.5"),
        ("de-DE", "1.500", 1500),
        ("fr-FR", "1\u202f234,5", Decimal("1234.5")),
        ("de-CH", "1\u2019234.5", Decimal("1234.5")),
    ],
)
def test_a_number_is_exact_or_stays_a_text(
    locale: str, cell: str, value: object
) -> None:
    found = number(cell, LOCALES.get(locale, PLAIN))
    assert (found, type(found) is str) == (value, type(value) is str)


@pytest.mark.parametrize(
    ("locale", "cell", "value"),
    [
        ("", "2026-6-7", "2026-06-07"),
        ("", "31.12.2026", "31.12.2026"),
        ("de-DE", "31.12.2026", "2026-12-31"),
        ("de-DE", "1.2.26", "2026-02-01"),
        ("de-DE", "1.2.71", "1971-02-01"),
        ("de-DE", "2026-12-31", "2026-12-31"),
        ("en-US", "12/31/2026", "2026-12-31"),
        ("en-US", "31/12/2026", "31/12/2026"),
        ("en-GB", "31/12/2026", "2026-12-31"),
        ("ja-JP", "2026/12/31", "2026-12-31"),
        ("de-DE", "30.2.2026", "30.2.2026"),
    ],
)
def test_a_date_is_a_day_or_stays_a_text(locale: str, cell: str, value: str) -> None:
    assert day(cell, LOCALES.get(locale, PLAIN)) == value


@pytest.mark.parametrize(
    ("locale", "cell", "value"),
    [
        ("", "2026-12-31T10:00:00+01:00", "2026-12-31T10:00:00+01:00"),
        ("", "2026-12-31", "2026-12-31T00:00:00Z"),
        ("de-DE", "31.12.2026 10:05", "2026-12-31T10:05:00Z"),
        ("en-US", "12/31/2026 1:05 PM", "2026-12-31T13:05:00Z"),
        ("en-US", "soon", "soon"),
    ],
)
def test_a_moment_has_an_offset(locale: str, cell: str, value: str) -> None:
    assert moment(cell, LOCALES.get(locale, PLAIN)) == value


def test_spellings_of_booleans_and_lists() -> None:
    assert [boolean(each) for each in ("Yes", "nein", "X", "maybe")] == [
        *(True, False, True, "maybe"),
    ]
    assert items(" a | b||c ") == ["a", "b", "c"]
