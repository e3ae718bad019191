"""What rows tell of the past, and the read-only fields that they are freed of.

A file that another system has written, or an export of this one, has fields that only
the server sets. Some of them are moments of a record that was made elsewhere: the
import may set these. All others are let go.
"""

from typing import Any

from services.importing.drafts import Draft
from services.importing.plans import Plan
from services.imports.paths import CUSTOM
from services.kinds.formats import timestamp

_NO_MOMENT = "Give an RFC 3339 timestamp, e.g. 2026-06-17T09:30:00Z."


def set_apart(plan: Plan, draft: Draft) -> None:
    """Takes the moments of the past out of a body, and what is let go."""
    body, let_go = draft.body, list[str]()
    for name in [each for each in body if each in plan.past or each in plan.let_go]:
        value = body.pop(name)
        if name not in plan.past:
            let_go.append(name)
        elif value is not None:
            _remember(plan, draft, name, value)
    custom = body.get(CUSTOM)
    if plan.computed and type(custom) is dict:
        computed = [key for key in custom if key in plan.computed]
        body[CUSTOM] = {key: custom[key] for key in custom if key not in computed}
        let_go += [f"{CUSTOM}.{key}" for key in computed]
    draft.result.let_go = tuple(let_go)


def _remember(plan: Plan, draft: Draft, name: str, value: Any) -> None:
    moment = timestamp(value) if isinstance(value, str) else None
    if moment is not None:
        draft.past[name] = moment
        return
    code = "invalid_format" if isinstance(value, str) else "invalid_type"
    draft.said.append((name, code, _NO_MOMENT))
    draft.unread.append(f"{plan.kind.resource}.{name}")
