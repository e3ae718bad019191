"""The table of all cases by their rule, as `docs/oauth.md` has it."""

from tests.end_to_end.refusals import (
    asking,
    deciding,
    redeeming,
    registering,
    sending,
)
from tests.end_to_end.refusals.case import Case
from tests.end_to_end.refusals.rules import ALONE, RULES
from tests.end_to_end.refusals.sending import Wrong

CASES: tuple[Case | Wrong, ...] = (
    *asking.TOLD_TO_THE_APP,
    *asking.TOLD_TO_THE_USER,
    *redeeming.EXCHANGES,
    *redeeming.REFRESHES,
    *redeeming.PROOFS,
    *redeeming.REVOCATIONS,
    *redeeming.INTROSPECTIONS,
    *registering.BODIES,
    *registering.TOKENS,
    *registering.UPDATES,
    *deciding.LOGINS,
    *deciding.CONSENTS,
    *deciding.TAKINGS_BACK,
    *deciding.LOGOUTS,
    *sending.WRONG,
)


def table() -> str:
    """Markdown: a row for each rule, with the titles of its cases and its tests."""
    rows = ["| RFC | rule | cases | what is tried |", "|---|---|--:|---|"]
    rows += [_row(rule) for rule in RULES]
    return "\n".join(rows)


def _row(rule: str) -> str:
    titles = [case.title for case in CASES if case.rule == rule]
    tried = "; ".join(dict.fromkeys(titles))
    alone = ", ".join(f"`{name}`" for name in ALONE.get(rule, ()))
    number, _, section = rule.partition(" ")
    shown = " · ".join(each for each in (tried, alone) if each)
    return f"| {number}, {section} | {RULES[rule]} | {len(titles) or ''} | {shown} |"
