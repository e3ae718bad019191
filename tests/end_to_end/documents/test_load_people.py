"""The loader that users learn from: everyone once, however often it is run."""

import subprocess
import sys

import pytest

from tests.client import Client
from tests.loading.load_people import load
from tests.loading.people import people
from tests.loading.posting import LoadError
from tests.stacks import Stack
from tests.world import Tenant


def run(stack: Stack, token: str) -> subprocess.CompletedProcess[str]:
    arguments = ("--url", f"http://{stack.http}", "--token", token)
    return subprocess.run(
        [sys.executable, "-m", "tests.loading.load_people", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_running_it_twice_creates_nothing(
    stack: Stack, tenant: Tenant, owner: Client
) -> None:
    everyone = len(people())
    first = run(stack, tenant.tokens["owner"])
    assert first.returncode == 0, first.stderr
    assert first.stdout == f"{everyone} contacts created, 0 were there already\n"
    assert f"{everyone} of {everyone}" in first.stderr
    again = run(stack, tenant.tokens["owner"])
    assert again.stdout == f"0 contacts created, {everyone} were there already\n"
    found = owner.pages("/contacts", limit=100)
    assert len(found) == everyone
    assert {each["country"] for each in found if each["source"] == "chinook"} >= {
        "BR",
        "CZ",
        "GB",
    }


def test_a_load_that_broke_off_goes_on(
    stack: Stack, tenant: Tenant, owner: Client
) -> None:
    url, token, everyone = f"http://{stack.http}", tenant.tokens["owner"], people()[:9]
    load(url, token, everyone[:4])
    rest = load(url, token, everyone)
    assert (rest.created, rest.replayed) == (5, 4)
    assert owner.search("/contacts", include_total=True)["meta"]["total"] == 9


def test_a_rate_limit_slows_it_down_and_no_more(stack: Stack, tenant: Tenant) -> None:
    token = tenant.token(["contact.write"], rate_limit=(10, 1))
    assert load(f"http://{stack.http}", token, people()[:25]).created == 25


def test_a_refusal_says_whom_and_why(stack: Stack, tenant: Tenant) -> None:
    token = tenant.token(["contact.read"])
    with pytest.raises(LoadError, match=r"chinook/customer/1: 403 .*contact\.write"):
        load(f"http://{stack.http}", token, people())
    assert run(stack, token).returncode != 0
