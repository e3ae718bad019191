"""A person's path in Chromium; what other sites can do to them; axe on every page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import stacks
from tests.client import VERSION, Client
from tests.end_to_end.webhooks.kept import delivered
from tests.foreign.programs import VIEWS, chromium, run_node
from tests.harness.people.oauth import PASSWORD
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.stacks import TOPOLOGIES, Stack

pytestmark = pytest.mark.browser


@pytest.fixture(params=[*TOPOLOGIES, "workers"])
def anywhere(
    request: pytest.FixtureRequest,
    running_stacks: Callable[[str], Stack],
    database_url: str,
) -> Iterator[Scene]:
    """A user in each topology, and where two workers serve."""
    if request.param != "workers":
        with opened_scene(running_stacks(request.param)) as scene:
            yield scene
        return
    ports = ("--http-port", "0", "--grpc-port", "0", "--workers", "2")
    arguments = ("serve", "--no-demo", *ports, "--database-url", database_url)
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **stacks.UNLIMITED}
    process = stacks.start(*arguments, env=env)
    try:
        stack = Stack("workers", process.http, process.grpc, database_url)
        with opened_scene(stack) as scene:
            yield scene
    finally:
        assert process.stop() == 0


@pytest.fixture
def member(running_stacks: Callable[[str], Stack]) -> Iterator[Scene]:
    """A user whose role refuses some of what apps ask for."""
    with opened_scene(running_stacks("together"), "member") as scene:
        yield scene


def told(scene: Scene) -> dict[str, Any]:
    return {
        "views": VIEWS,
        "base": f"http://{scene.tenant.stack.http}",
        "email": scene.email,
        "password": PASSWORD,
        "version": VERSION,
        "chromium": chromium(),
    }


def test_a_person_goes_the_whole_way(anywhere: Scene) -> None:
    found = run_node("browser/person.mjs", told(anywhere))
    assert found["complaints"] == [], "the browser finds nothing against the pages"
    assert (found["called"], found["calledAgain"]) == (200, 200)
    assert found["isRefused"]
    assert found["servedAfter"] < 1_000, "milliseconds after access has ended"
    assert found["refused"] == "invalid_grant"
    assert found["issuer"] == f"http://{anywhere.tenant.stack.http}"
    assert found["state"] == "a state"
    assert found["after"] == "/oauth/login"
    assert len(found["cookies"]) == 2
    for cookie in found["cookies"]:
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


def test_other_sites_can_do_nothing(member: Scene) -> None:
    base = member.tenant.stack.http
    found = run_node("browser/other_sites.mjs", told(member))
    assert found["framed"] == 0, "no page stands in a frame"
    assert found["posted"] == f"{base}/oauth/consent", "nobody was sent to the app"
    assert found["heading"] == "That did not work"
    assert found["read"] == "TypeError", "a script of another site reads no page"
    assert found["open"] == 1, "the request still waits for its answer"


def test_axe_finds_nothing_on_any_page(member: Scene) -> None:
    found = run_node("browser/axe.mjs", told(member))
    assert found["found"] == []
    assert found["looks"] == 11 * VIEWS
    assert found["planted"] == ["color-contrast", "label"]


@pytest.mark.needs_program("curl")
def test_a_developer_goes_the_whole_way(member: Scene) -> None:
    found = run_node("browser/account.mjs", told(member))
    assert found["found"] == [], "axe, and no page scrolls sideways"
    assert found["looks"] == VIEWS * 13
    assert len(found["results"]) == VIEWS
    for each in found["results"]:
        assert each == {
            "themes": ["light dark", "light"],
            "rows": 1,
            "called": 200,
            "failed": 422,
            "used": True,
            "kept": False,
            "refused": 401,
        }
    loaded_again = {text for text in found["complaints"] if "409" not in text}
    assert not loaded_again, "the browser finds nothing else against the pages"


@pytest.fixture
def owner(running_stacks: Callable[[str], Stack]) -> Iterator[Scene]:
    """A user who may change the schema of their tenant."""
    with opened_scene(running_stacks("together")) as scene:
        yield scene


def test_an_owner_keeps_the_schema_by_forms(owner: Scene) -> None:
    found = run_node("browser/fields.mjs", told(owner))
    assert found["found"] == [], "axe, and no page scrolls sideways"
    assert found["looks"] == VIEWS * 18
    assert found["results"] == [{"kept": True}] * VIEWS
    refused = {text for text in found["complaints"] if "40" not in text}
    assert not refused, "the browser finds nothing else against the pages"


def happened(client: Client, number: int) -> dict[str, str]:
    """Ids of what a person looks at: records that were changed, and merges."""

    def contact(last_name: str, **fields: Any) -> str:
        email = f"{last_name}{number}@engine.example".lower()
        given = {"email": email, "first_name": "Ada", "last_name": last_name}
        return str(client.create("/contacts", given | fields)["id"])

    def merge(survivor: str, other: str) -> str:
        answer = client.post(f"/contacts/{survivor}/merge", {"ids": [other]})
        return str(answer.json["merge_id"])

    changed = contact("Byron", custom_fields={"letters": "Dear Mary. " * 40})
    values = {"city": "London", "tags": ["VIP"], "custom_fields": {"plan": "gold"}}
    client.patch(f"/contacts/{changed}", values)
    client.patch(f"/contacts/{changed}", {"city": None})
    deleted, erased = contact("Deleted"), contact("Erased")
    client.delete(f"/contacts/{deleted}")
    client.post(f"/contacts/{erased}/erase", {"reason": "She asked for it."})
    first, second, last = (contact(name, city=name) for name in ("One", "Two", "Last"))
    client.create("/notes", {"body": "Of the second", "contact_id": second})
    client.patch(f"/contacts/{last}", {"city": None})
    contact("Twin"), contact("Twin")
    client.delete(f"/contacts/{contact('Left')}")
    ids = {"changed": changed, "deleted": deleted, "erased": erased}
    return ids | {"merge": merge(second, first), "later": merge(last, second)}


def test_a_person_sees_what_happened_and_undoes_it(owner: Scene) -> None:
    client = owner.tenant.client()
    seen = [happened(client, number) for number in range(VIEWS)]
    client.close()
    found = run_node("browser/records.mjs", told(owner) | {"seen": seen})
    assert found["found"] == [], "axe, and no page scrolls sideways"
    assert found["looks"] == VIEWS * 16
    assert found["results"] == [{"left": 1}] * VIEWS, "the other can be undone now"
    refused = {text for text in found["complaints"] if "4" not in text}
    assert not refused, "the browser finds nothing else against the pages"


def test_a_person_keeps_webhooks(owner: Scene) -> None:
    made = [delivered(owner.tenant).rpartition("/")[2] for _ in range(VIEWS)]
    found = run_node("browser/webhooks.mjs", told(owner) | {"delivered": made})
    assert found["found"] == [], "axe, and no page scrolls sideways"
    assert found["looks"] == VIEWS * 13
    assert found["results"] == [{"left": 0}] * VIEWS
    refused = {text for text in found["complaints"] if "40" not in text}
    assert not refused, "the browser finds nothing else against the pages"


def test_a_person_keeps_sandboxes(owner: Scene) -> None:
    found = run_node("browser/sandboxes.mjs", told(owner))
    assert found["found"] == [], "axe, and no page scrolls sideways"
    assert found["looks"] == VIEWS * 10
    its = {"sandbox": True, "statuses": [200, 503, 200], "left": 0}
    assert found["results"] == [its] * VIEWS
    refused = {text for text in found["complaints"] if "40" not in text}
    assert not refused, "the browser finds nothing else against the pages"


def test_a_person_looks_at_a_dashboard(owner: Scene) -> None:
    client = owner.tenant.client("owner")
    for number, source in enumerate(("web", "<b>fair</b>", "web", None)):
        email = f"{number}@example.com"
        client.create("/contacts", {"email": email, "source": source})
        client.create("/deals", {"name": f"Deal {number}", "value": number})
    client.close()
    found = run_node("browser/dashboards.mjs", told(owner) | {"dashboard": "Sales"})
    assert found["found"] == [], "axe, and no page scrolls sideways"
    assert found["looks"] == VIEWS * 6
    grounds = {"light": "rgb(255, 255, 255)", "dark": "rgb(25, 28, 38)"}
    for result in found["results"]:
        assert result["shown"] == 2, "what nothing was counted for is told in words"
        for chart in result["charts"]:
            assert chart["text"].startswith("Bar chart of")
            assert chart["ground"] == grounds[result["scheme"]]
            assert chart["scripts"] == 0
            assert chart["words"] > 0, "text is text"
        assert result["rows"] >= 3
        assert (result["empty"], result["inYear"]) == (4, 2)
        assert result["order"][-2:] == ["New contacts by source", "Won by month"]
        assert "new" in result["order"]
    refused = {text for text in found["complaints"] if "40" not in text}
    assert not refused, "the browser finds nothing else against the pages"


def test_a_person_imports_and_exports(owner: Scene) -> None:
    found = run_node("browser/files.mjs", told(owner))
    assert found["found"] == [], "axe, and no page scrolls sideways"
    assert found["looks"] == VIEWS * 9
    for result in found["results"]:
        assert result["people"] == 1, "what was imported is exported"
        assert result["rejected"].startswith("_problem,First name")
    refused = {text for text in found["complaints"] if "40" not in text}
    assert not refused, "the browser finds nothing else against the pages"
