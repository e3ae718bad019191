"""The reference in Chromium: a newcomer tries it, and what goes wrong is told."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.foreign.programs import VIEWS, chromium, run_node
from tests.harness.people.oauth import PASSWORD
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.stacks import Stack

pytestmark = pytest.mark.browser


@pytest.fixture(params=["together"])
def scene(
    request: pytest.FixtureRequest, running_stacks: Callable[[str], Stack]
) -> Iterator[Scene]:
    """A user with a password, and a server."""
    with opened_scene(running_stacks(request.param)) as scene:
        yield scene


def told(scene: Scene, **more: object) -> dict[str, object]:
    return {
        "base": f"http://{scene.tenant.stack.http}",
        "chromium": chromium(),
        "email": scene.email,
        "password": PASSWORD,
        "token": scene.tenant.token(),
        **more,
    }


@pytest.mark.parametrize("scene", ["split"], indirect=True)
def test_a_newcomer_gets_from_the_front_page_to_a_record(scene: Scene) -> None:
    found = run_node("browser/reference.mjs", told(scene))
    token, login = found["token"], found["login"]
    assert token["before"]["outcome"] == "401 Unauthorized"
    assert "Log in" in token["before"]["advice"]
    assert token["who"] == token["after"]
    assert token["made"]["outcome"] == "201 Created"
    assert token["made"]["took"].endswith(" ms")
    assert len(token["made"]["heads"]["X-Trace-Id"]) == 32
    assert token["made"]["heads"]["X-RateLimit-Remaining"].isdecimal()
    assert '"first_name": "Ada"' in token["made"]["body"], "pretty"
    assert "Bearer $TOKEN" in token["made"]["curl"]
    assert "pcp_" not in token["made"]["curl"]
    assert len(set(token["keys"])) == 2, "a key for each call that was done"
    assert token["got"]["outcome"] == "200 OK", "the id was filled in"
    assert login["made"]["outcome"] == "201 Created"
    assert login["address"].endswith("/docs/reference/contacts/create-contact")
    assert "Grace" in login["draft"], "what was typed is still there"
    assert login["forgotten"]
    assert scene.dies(login["token"]), "logging out revokes"
    assert found["readOnly"]["outcome"] == "403 Forbidden"
    assert "contact.write" in found["readOnly"]["advice"]
    assert found["actions"] == {
        "": ["read", "write"],
        "Read only": ["read"],
        "Read, write and delete": ["all"],
    }
    assert found["seen"]["smooth"] == "auto", "a place far down is there at once"
    assert found["seen"]["begun"] > 500
    assert found["seen"]["inView"]
    assert found["refused"] == "You did not let the reference in."
    strangers = found["strangers"]
    assert strangers["state"].startswith("This login did not begin in this tab.")
    assert strangers["address"].endswith("/docs/reference/callback"), "no code stays"
    assert strangers["issuer"].startswith("The answer came from another server")
    assert found["complaints"] == []
    assert found["elsewhere"] == []


def test_what_goes_wrong_is_told(scene: Scene) -> None:
    limited = scene.tenant.token(rate_limit=(3, 6))
    found = run_node("browser/reference_faults.mjs", told(scene, limited=limited))
    assert "unknown" in found["wrongToken"]["said"]
    assert found["wrongToken"]["sent"]["outcome"] == "401 Unauthorized"
    assert found["revoked"]["sent"]["outcome"] == "401 Unauthorized"
    assert "Log in" in found["revoked"]["sent"]["advice"]
    assert "could not be told" in found["unrevoked"]
    assert found["renewed"]["sent"]["outcome"] == "201 Created"
    assert found["renewed"]["later"]
    limited_ = found["limited"]
    assert limited_["sent"]["outcome"] == "429 Too Many Requests"
    assert limited_["waits"].startswith("Send again in ")
    assert limited_["disabled"]
    assert limited_["sentAgain"]["outcome"] == "201 Created"
    assert found["unavailable"]["sent"]["outcome"] == "503 Service Unavailable"
    assert found["unavailable"]["same"], "sent again with the same key"
    assert found["faulty"]["outcome"] == "422 Validation Failed"
    for each in ("2 fields failed", "email ", "lead_score "):
        assert each in found["faulty"]["advice"]
    assert found["gone"]["outcome"] == "No answer"
    assert "Nobody knows whether" in found["gone"]["advice"]
    assert found["foreign"]["outcome"] == "502"
    assert "p{" in "".join(found["foreign"]["body"].split())
    assert "Use a token instead" in found["withoutStorage"]["said"]
    assert found["withoutStorage"]["sent"]["outcome"] == "201 Created"
    markup = found["markup"]
    assert (markup["outcome"], markup["refused"]) == (
        "201 Created",
        "422 Validation Failed",
    )
    assert markup["same"]
    assert markup["elements"] == 0, "text stays text"
    assert found["complaints"] == [], "no script ran, and no policy stopped one"
    assert found["elsewhere"] == []


def test_axe_finds_nothing_and_the_keyboard_is_enough(scene: Scene) -> None:
    found = run_node("browser/reference_axe.mjs", told(scene, views=VIEWS))
    assert found["found"] == []
    assert found["looks"] == VIEWS * 4 + 1
    assert found["planted"] == ["color-contrast", "label"]
    assert found["keyboard"] == {
        "python": True,
        "outcome": "201 Created",
        "first_name": "Grace",
        "tags": ["VIP", "navy"],
        "lifecycle_stage": "lead",
    }
    plain = found["plain"]
    assert (plain["sample"], plain["form"]) == (True, False)
    assert "the samples do the same" in plain["said"]
    costs = found["costs"]
    assert costs["bytes"] < 60_000, "the first visit, with all its files"
    assert costs["own"] < 40_000
    assert costs["shift"] < 0.1, "of the layout, as Chromium counts it"
    assert costs["largest"] > 0
    check_both(found["both"])
    check_compared(found["compared"])
    assert set(found["addresses"]) == {"/docs/reference/contacts/update-contact"}
    assert found["complaints"] == []
    assert found["elsewhere"] == []


def check_compared(compared: dict[str, Any]) -> None:
    """Conditions are fields: what fits is offered, and nothing is lost."""
    operators = ["eq", "neq", "in", "not_in", "is_empty", "is_not_empty"]
    assert compared["operators"] == ["operator", *operators]
    assert json.loads(compared["made"], parse_float=str)["filters"] == [
        {"field": "status", "operator": "in", "values": ["won"]},
        {"field": "value", "operator": "gte", "value": "1000.10"},
    ]
    assert compared["good"] == "200 OK"
    assert compared["refused"] == "422 Validation Failed"
    assert compared["beside"]
    assert compared["marked"] == [["in-field-filters-1-value", "true"]]
    assert compared["faults"] == []
    assert compared["without"][1] == {"field": "value", "operator": "is_empty"}
    assert {"gt", "starts_with", "in"} < set(compared["own"])
    assert compared["kept"] == [
        {"any": [{"field": "name", "operator": "eq", "value": "x"}]},
        {"field": "custom_fields.a", "operator": "starts_with", "value": "b"},
    ]


def check_both(both: dict[str, Any]) -> None:
    """The fields and the JSON of a body are kept alike, and nothing is lost."""
    name, value, custom = both["shown"]
    assert (name, value) == ("Engine", "999999999999999.990")
    assert json.loads(custom) == {"a": {"b": 1.1}}
    changed = json.loads(both["changed"], parse_float=str)
    assert changed == {
        "name": "Engine 2",
        "value": "999999999999999.990",
        "strange": [1],
        "custom_fields": {"a": {"b": "1.10"}},
        "lost_reason": None,
    }
    assert "no JSON object yet" in both["unread"]
    assert both["before"] == "Engine 2"
    assert both["colored"] == ['{"name": "<b>x</b>"}\n', 0]
    assert both["refused"] == "422 Validation Failed"
    assert both["beside"]
