"""What assistants are told of a job that their call began."""

from typing import Any

import orjson
from google.protobuf.message import Message
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.schema.v1 import fields_pb2 as pb

from edge.mcp.results import good_result
from edge.operations import Operation, compile_operation
from edge.surface import public_services
from edge.transcoder.routes import routes_of


def operation(name: str) -> Operation:
    (route,) = (e for e in routes_of(public_services()) if e.rpc.endswith(f"/{name}"))
    return compile_operation(route)


def told(name: str, answer: Message) -> Any:
    """The structure of the result of an operation."""
    return orjson.loads(orjson.dumps(good_result(operation(name), answer)))[
        "structuredContent"
    ]


def test_a_call_that_goes_on_in_a_job_returns_the_job() -> None:
    job = jobs.Job(id="job_1", state=jobs.JOB_STATE_WAITING)
    found = told("CreateField", pb.Field(id="fld_1", job=job))
    assert (found["id"], found["state"]) == ("job_1", "waiting")
    answer = pb.ReplaceFieldOptionResponse(job=job)
    assert told("ReplaceFieldOption", answer)["id"] == "job_1"


def test_a_call_that_is_done_returns_its_answer() -> None:
    answer = pb.ReplaceFieldOptionResponse(records=3)
    assert told("ReplaceFieldOption", answer) == {"records": 3}
