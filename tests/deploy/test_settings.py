"""Settings: flags over variables over defaults, and no variable goes unread."""

import os
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from deploy.errors import SettingsError
from deploy.setting_texts import parse_duration, parse_rate_limit
from deploy.settings import Settings
from edge.limits.limit import Limit
from edge.settings import AddressLimits


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hides the variables that whoever runs the tests has set."""
    for name in list(os.environ):
        if name.startswith("PROSPECTCONNECT_"):
            monkeypatch.delenv(name)


def test_defaults() -> None:
    settings = Settings.read()
    assert (settings.http_port, settings.grpc_port) == (8080, 50_051)
    assert settings.data_dir == Path(".data")
    assert settings.loads_demo


def test_variable_wins_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTCONNECT_HTTP_PORT", "9000")
    monkeypatch.setenv("PROSPECTCONNECT_DEMO", "false")
    settings = Settings.read()
    assert settings.http_port == 9000
    assert not settings.demo


def test_flag_wins_over_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTCONNECT_HTTP_PORT", "9000")
    assert Settings.read(http_port=0).http_port == 0
    assert Settings.read(http_port=None).http_port == 9000


def test_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTCONNECT_HTTPPORT", "9000")
    expected = r"PROSPECTCONNECT_HTTPPORT\. Did you mean PROSPECTCONNECT_HTTP_PORT\?"
    with pytest.raises(SettingsError, match=expected):
        Settings.read()


def test_bad_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTCONNECT_WORKERS", "many")
    expected = r"--workers or PROSPECTCONNECT_WORKERS: .* valid integer"
    with pytest.raises(SettingsError, match=expected):
        Settings.read()


def test_parts_get_their_own_settings() -> None:
    settings = Settings.read(max_connections=3, public_url="https://api.example.com")
    assert settings.for_services("postgresql://x").max_connections == 3
    assert settings.for_services("postgresql://x").database_url == "postgresql://x"
    assert settings.for_edge().public_url == "https://api.example.com"


@pytest.mark.parametrize("kind", ["open", "closed", "token"])
def test_the_edge_knows_where_nobody_can_register(kind: str) -> None:
    settings = Settings.read(registration=kind, registration_token="x" * 32)
    assert settings.for_edge().registration_is_open == (kind != "closed")


def test_oauth_has_its_settings() -> None:
    oauth = Settings.read(code_seconds=30, registration="closed").for_services("").oauth
    assert (oauth.code_seconds, oauth.registration) == (30, "closed")
    assert oauth.access_token_seconds == 3_600
    assert oauth.refresh_token_seconds == 30 * 86_400
    assert oauth.audit_seconds == 400 * 86_400


def test_the_edge_is_told_whom_it_trusts_and_what_an_address_may_do() -> None:
    edge = Settings.read().for_edge()
    assert edge.trusted_proxies == ()
    assert edge.address_limits == AddressLimits()
    edge = Settings.read(
        trusted_proxies="10.0.0.0/8, ::1", address_registrations="3/1m"
    ).for_edge()
    assert edge.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))
    assert edge.address_limits.registrations == Limit(3, 60)
    with pytest.raises(SettingsError, match=r"TRUSTED_PROXIES: .* host bits"):
        Settings.read(trusted_proxies="10.0.0.1/8")
    with pytest.raises(SettingsError, match=r"ADDRESS_PAGES: .* not a rate limit"):
        Settings.read(address_pages="many")


@pytest.mark.parametrize("token", [None, "", "x" * 31, "with a space" * 4])
def test_registration_by_a_token_needs_a_secret_one(token: str | None) -> None:
    expected = "REGISTRATION_TOKEN: .* at least 32 characters"
    with pytest.raises(SettingsError, match=expected):
        Settings.read(registration="token", registration_token=token)
    settings = Settings.read(registration="token", registration_token="x" * 32)
    assert settings.for_services("").oauth.registration_token == "x" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [("100/10s", (100, 10)), ("1000/1m", (1000, 60)), ("5/2h", (5, 7200))],
)
def test_rate_limit(text: str, expected: tuple[int, int]) -> None:
    assert parse_rate_limit(text) == expected


@pytest.mark.parametrize("text", ["", "100", "0/10s", "100/0s", "100/10d", "1 /1s"])
def test_bad_rate_limit(text: str) -> None:
    with pytest.raises(ValueError, match="is not a rate limit"):
        parse_rate_limit(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(30)),
    ],
)
def test_duration(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "30", "0d", "-1d", "1w"])
def test_bad_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


def test_a_named_database_gets_demonstration_data_only_when_asked() -> None:
    url = "postgresql://somewhere/crm"
    assert not Settings.read(database_url=url).loads_demo
    assert Settings.read(database_url=url, demo=True).loads_demo
    assert not Settings.read(demo=False).loads_demo


def test_a_window_has_an_end() -> None:
    assert parse_rate_limit("1/744h") == (1, 31 * 86_400)
    with pytest.raises(ValueError, match="31 days"):
        parse_rate_limit("1/745h")
