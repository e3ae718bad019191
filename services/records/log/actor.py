"""Who makes a change, as the log tells it."""

from contextvars import ContextVar

from services.caller import CURRENT_CALL, Call, Caller
from services.trace import CURRENT_TRACE, trace_id_of

# Who a job works for. Whoever runs the job sets it.
JOB_USER: ContextVar[str] = ContextVar("job_user", default="")


def actor_of(call: Call) -> tuple[str, str, str, str]:
    """User, app, token and trace of a call."""
    caller, trace = call.caller, CURRENT_TRACE.get()
    # In process, the edge has made the trace and tells it in the metadata.
    told = trace_id_of(call.traceparent) if trace is None else trace.trace_id
    return caller.user_id, caller.client_id, caller.token_id, told


def acting(caller: Caller | None = None) -> str:
    """The same of the call that the running task answers, with blanks between.

    `caller` makes it if there is no such call. Else it is the user of a job.
    """
    call = CURRENT_CALL.get(None)
    if call is None and caller is not None:
        call = Call(caller)
    return JOB_USER.get() if call is None else " ".join(actor_of(call))
