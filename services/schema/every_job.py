"""The runners of all jobs on definitions."""

from services.jobs.work import Runners
from services.kinds.record_type import RecordType
from services.schema.field_jobs import FieldJobs
from services.schema.option_jobs import OptionJobs


def runners_of(kind: RecordType) -> Runners:
    """The runners by kind of job. `kind` is that of definitions."""
    return FieldJobs(kind).runners() | OptionJobs(kind).runners()
