"""The runners of all jobs on definitions."""

from services.jobs.work import Runners
from services.kinds.record_type import RecordType
from services.schema.by_jobs.field_jobs import FieldJobs
from services.schema.by_jobs.option_jobs import OptionJobs


def runners_of(kind: RecordType) -> Runners:
    """The runners by kind of job. `kind` is that of definitions."""
    return FieldJobs(kind).runners() | OptionJobs(kind).runners()
