"""What webhooks add to the engine of records: defaults, and their place in the feed."""

from functools import partial

from prospectconnect.events.v1.webhooks_pb2 import DISABLED_REASON_BY_USER, Webhook

from services.caller import Caller
from services.changes.order import Position
from services.clock import AHEAD
from services.records.behaviour import Behaviour
from services.records.commands import Around, Command
from services.webhooks.audited import happened_to, tell
from services.webhooks.statements import FORGET, GO_ON, RELEASE, STOP

# What a position holds after its place, where nothing is left out.
FROM_THERE = Position(0).text.removeprefix("0 ")


def derive(webhook: Webhook) -> None:
    """Sets what is true by default, and why a webhook is not active."""
    for name in ("ordered", "active"):
        if not webhook.HasField(name):
            setattr(webhook, name, True)
    if webhook.active:
        webhook.ClearField("disabled_reason")
    elif not webhook.disabled_reason:
        webhook.disabled_reason = DISABLED_REASON_BY_USER


def around(
    caller: Caller, before: Webhook | None, after: Webhook | None
) -> Around | None:
    """Leaves out what happens while a webhook is not active. Forgets deleted ones.

    What waits in the order of its record is let go where that order ends.

    The audit tells of all. The method that creates one has statements of its own.
    """
    if before is None:
        return None
    its, then = [caller.business_id, before.id], list[Command]()
    if after is None:
        then.append(Command(FORGET, its))
    elif after.active and not before.active:
        then.append(Command(GO_ON, [*its, FROM_THERE]))
    elif before.active and not after.active:
        then.append(Command(STOP, its))
    if after is not None and before.ordered and not after.ordered:
        then.append(Command(RELEASE, [*its, AHEAD.get()]))
    told = happened_to(before, after), after or before, caller
    return Around(after=then, then=partial(tell, *told))


BEHAVIOUR: Behaviour[Webhook] = Behaviour(derive=derive, around=around)
