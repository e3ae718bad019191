"""The runners of all jobs on definitions."""

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.jobs.work import Runners, Work
from services.kinds.record_type import Kinds
from services.postgres.database import Transaction
from services.schema.by_jobs.change_jobs import ChangeJobs
from services.schema.by_jobs.field_jobs import FieldJobs
from services.schema.by_jobs.formula_jobs import IS_FORMULA, FormulaJobs
from services.schema.by_jobs.in_time import in_shorter_windows
from services.schema.by_jobs.option_jobs import OptionJobs


def runners_of(kinds: Kinds) -> Runners:
    """The runners by kind of job."""
    fields, formulas = FieldJobs(kinds), FormulaJobs(kinds)

    async def run(transaction: Transaction, work: Work) -> None:
        of = formulas if IS_FORMULA in work.task else fields
        await of.run(transaction, work)

    runners: Runners = {
        pb.JOB_KIND_CREATE_FIELD: run,
        pb.JOB_KIND_UPDATE_FIELD: run,
        pb.JOB_KIND_CHANGE_FIELD: ChangeJobs(kinds).run,
        pb.JOB_KIND_REPLACE_FIELD_OPTION: OptionJobs(kinds).run,
    }
    return {kind: in_shorter_windows(each) for kind, each in runners.items()}
