"""Pages end early where what they hold is long.

An import may have some hundred kilobytes of mappings and defaults, a template as much
HTML, and each of its changes holds it twice. A client in gRPC takes no answer of more
than 4 MiB unless it is told to.
"""

from collections.abc import Awaitable, Callable, Iterable
from copy import deepcopy
from itertools import accumulate
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.errors import ValidationFailed
from services.faults import Fault

MOST_BYTES = 3 * 1024**2
_TOO_LONG = "These records are too long for one answer: give fewer ids, or `fields`."


async def short_page(
    search: Callable[[Any, Any], Awaitable[Any]], call: Call, request: Any, context: Any
) -> Any:
    """A page of so many records as fit into `MOST_BYTES`, one at least.

    Its cursor leads to the others. Raises `ValidationFailed` if records that are asked
    for by their ids do not fit.
    """
    asked = deepcopy((call.conditions, call.parameters))
    page = await search(request, context)
    if page.ByteSize() <= MOST_BYTES:
        return page
    if request.ids:
        raise ValidationFailed([Fault("ids", FaultCode.FAULT_CODE_TOO_MANY, _TOO_LONG)])
    request.limit = fitting(each.ByteSize() for each in page.data)
    call.conditions, call.parameters = asked
    return await search(request, context)


def fitting(sizes: Iterable[int]) -> int:
    """How many of the first records fit into an answer; one at least."""
    return max(1, sum(size <= MOST_BYTES for size in accumulate(sizes)))
