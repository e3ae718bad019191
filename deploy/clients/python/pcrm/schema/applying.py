"""Does the steps of a plan, one after another."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pcrm.exits import PROBLEM, CommandFailed
from pcrm.schema.plan import Step, body_of
from pcrm.schema.shape import Part

if TYPE_CHECKING:
    from prospectconnect_client import ProspectConnect

_PATHS: dict[Part, str] = {
    "object": "objects",
    "field": "fields",
    "association_type": "association_types",
}
_KEYS: dict[Part, str] = {"object": "slug", "field": "key", "association_type": "key"}
_WAIT = 20  # seconds that one question for a job waits
_ACCEPTED = 202
_AHEAD = {"waiting", "running"}


def records_of(client: "ProspectConnect") -> Callable[[str], Iterator[Any]]:
    """What finds all records of a resource."""
    from prospectconnect_client import Call

    def found(resource: str) -> Iterator[Any]:
        body: dict[str, Any] = {"limit": 100}
        while True:
            page = client.send(Call("POST", f"/v1/{resource}/search", body, {})).json
            yield from page["data"]
            cursor = page["meta"]["cursor"]
            if not cursor["has_more"]:
                return
            body["cursor"] = cursor["next"]

    return found


def apply(client: "ProspectConnect", step: Step) -> None:
    """Does a step, and waits for the job that it may start."""
    from prospectconnect_client import Call

    item, body = step.item, body_of(step)
    path = f"/v1/{_PATHS[item.part]}"
    known = step.before
    if known is not None:
        path = f"{path}/{quote(known.id, safe='')}"
    if step.verb == "create":
        names = item.name.split(".")
        body = {**body, _KEYS[item.part]: names[-1]}
        if item.part == "field":
            body["object"] = names[0]
        call = Call("POST", path, body, {}, keyed=True)
    elif step.verb == "update":
        call = Call("PATCH", path, body, {})
    elif step.verb == "change":
        call = Call("POST", f"{path}/change", body, {}, keyed=True)
    else:
        call = Call("DELETE", path, None, {})
    answer = client.send(call)
    if answer.status == _ACCEPTED:
        _wait(client, answer.json)


def _wait(client: "ProspectConnect", told: Any) -> None:
    from prospectconnect_client import Call

    job_id = told.get("job_id") or told["id"]
    while True:
        path = f"/v1/jobs/{quote(job_id, safe='')}/wait"
        job = client.send(Call("POST", path, {"wait_seconds": _WAIT}, {})).json
        if job["state"] not in _AHEAD:
            break
    if job["state"] != "succeeded":
        problem = job.get("problem") or {}
        detail = problem.get("detail", "")
        raise CommandFailed(f"The job {job_id} is {job['state']}. {detail}", PROBLEM)
