"""The interceptor that answers a repeated call with the answer of the first."""

from typing import Any

import asyncpg
from google.protobuf.message import Message

from services.caller import current_call
from services.errors import IdempotencyKeyBusy, ServiceError
from services.gates.figures import Figures
from services.gates.request_checks import Context, Interceptor, Proceed
from services.kinds.methods import Method
from services.postgres.database import Database
from services.records import idempotency

KEYED_ATTEMPTS = 3
REPLAYED = (("idempotent-replayed", "true"),)


def replay_answers(database: Database, figures: Figures | None) -> Interceptor:
    """Answers a call with a used idempotency key with the answer of the first call.

    A command with a key runs at once. The key is looked up only if the command fails,
    so that the first call has no extra cost.
    """

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        async def replayed(request: Any, context: Context) -> Message:
            call = current_call()
            if call.key is None:
                return await proceed(request, context)
            for _attempt in range(KEYED_ATTEMPTS):
                try:
                    return await proceed(request, context)
                except asyncpg.LockNotAvailableError:
                    raise IdempotencyKeyBusy from None
                except (ServiceError, *idempotency.FAILED_WRITES) as error:
                    answer = await idempotency.replay(database, call, method.response)
                    if answer is not None:
                        told = context.trailing_metadata() or ()
                        context.set_trailing_metadata((*told, *REPLAYED))
                        if figures is not None:
                            figures.replays += 1
                        return answer
                    if not idempotency.is_taken(error):
                        raise
                # The key was too old and is deleted now; the call may use it again.
            raise IdempotencyKeyBusy

        return replayed if method.keyed else proceed

    return wrap
