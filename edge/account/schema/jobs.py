"""Jobs on definitions as the pages tell them, and whether a form has begun one."""

from collections.abc import Mapping
from types import MappingProxyType

from prospectconnect.jobs.v1 import jobs_pb2
from prospectconnect.schema.v1 import own_schema_pb2 as pb

_OPEN = (jobs_pb2.JOB_STATE_WAITING, jobs_pb2.JOB_STATE_RUNNING)
# What a job does, in words.
DOES: Mapping[int, str] = MappingProxyType(
    {
        jobs_pb2.JOB_KIND_CREATE_FIELD: "Defines",
        jobs_pb2.JOB_KIND_UPDATE_FIELD: "Changes",
        jobs_pb2.JOB_KIND_CHANGE_FIELD: "Changes the type or the options of",
        jobs_pb2.JOB_KIND_REPLACE_FIELD_OPTION: "Replaces an option of",
    }
)
# How far it is.
STATES: Mapping[int, str] = MappingProxyType(
    {
        jobs_pb2.JOB_STATE_WAITING: "waiting",
        jobs_pb2.JOB_STATE_RUNNING: "running",
        jobs_pb2.JOB_STATE_SUCCEEDED: "done",
        jobs_pb2.JOB_STATE_FAILED: "failed",
        jobs_pb2.JOB_STATE_CANCELLED: "cancelled",
    }
)


def runs(own: pb.OwnJob) -> bool:
    """Whether a job has not ended."""
    return own.job.state in _OPEN


def job_on(found: pb.ListOwnFieldsResponse, field: pb.OwnField) -> pb.OwnJob | None:
    """The last job on a field, if the user sees it."""
    return next((e for e in found.jobs if e.job.subject_id == field.id), None)


def has_begun(
    before: pb.ListOwnFieldsResponse, after: pb.ListOwnFieldsResponse, key: str
) -> bool:
    """Whether a form has begun a job on the field of a key, be it over or not."""
    known = {each.job.id for each in before.jobs}
    return any(e.key == key and e.job.id not in known for e in after.jobs)
