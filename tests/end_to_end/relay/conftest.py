"""A database of its own: a relay follows all tenants that there are."""

from collections.abc import Callable

import pytest


@pytest.fixture(scope="package")
def database_url(migrated_database: Callable[[str], str]) -> str:
    return migrated_database("relay")
