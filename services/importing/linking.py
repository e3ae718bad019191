"""Finds the records that columns name by values of their fields.

Companies that are missing are created where the import asks for that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.batches.operations import Operation
from services.batches.runnables import Runnables
from services.batches.runner import run_step
from services.caller import Call, Caller
from services.errors import ServiceError
from services.importing.drafts import Draft
from services.importing.lookups import Lookups, folded
from services.importing.plans import Plan
from services.importing.transcoding import Transcoder
from services.kinds.record_type import RecordType
from services.records.engine import Records


@dataclass(frozen=True, slots=True)
class Tools:
    """What writes rows."""

    runnables: Runnables
    lookups: Lookups
    transcoder: Transcoder
    records: Mapping[str, Records[Any]]


class Linking:
    """Links the rows of one import for its caller, within a bound transaction."""

    def __init__(self, tools: Tools, caller: Caller, plan: Plan) -> None:
        self._tools, self._caller, self._plan = tools, caller, plan

    async def link(self, drafts: Sequence[Draft]) -> None:
        """Finds the records that columns name by values of their fields."""
        wanted: dict[str, set[str]] = {}
        for draft in drafts:
            for path, value in draft.links.items():
                wanted.setdefault(path, set()).add(value)
        for path, values in wanted.items():
            name, _, key = path.partition(".")
            holder = self._plan.kind.by_name[f"{name}_id"]
            assert holder.target is not None  # noqa: S101 - by the path
            target = self._tools.lookups.kind(holder.references)
            ids, why = await self._linked(target, key, values)
            for draft in drafts:
                if path in draft.links:
                    value = folded(target, key, draft.links[path])
                    self._set(draft, path, holder.name, ids.get(value), why)

    async def _linked(
        self, target: RecordType, key: str, values: Iterable[str]
    ) -> tuple[dict[str, str], str]:
        """The ids of linked records by their values, and what is said of the others."""
        noun, caller = target.resource.replace("_", " "), self._caller
        lookups = self._tools.lookups
        try:
            ids = dict(await lookups.find(caller, target, "", key, values))
        except ServiceError as error:
            return {}, error.message
        why = f"No {noun} has this {key}."
        missing = {folded(target, key, each): each for each in values}
        missing = {at: each for at, each in missing.items() if at not in ids}
        if missing and self._plan.given.create_missing and key == "domain":
            refused = await self._create(target, key, missing, ids)
            why = refused or why
        return ids, why

    async def _create(
        self, target: RecordType, key: str, missing: Mapping[str, str], ids: Any
    ) -> str:
        """Creates the records that are missing. Returns why that is refused, or ""."""
        refused, call = "", Call(self._caller)
        method = f"Upsert{target.message.DESCRIPTOR.name}"
        for at, value in sorted(missing.items()):
            body = {key: value, "name": value, "match_on": key}
            made = self._tools.transcoder.request(method, {}, body)
            runnable = self._tools.runnables[made.request.DESCRIPTOR.full_name]
            operation = Operation(0, "", runnable, made.request, made.unread)
            await run_step(call, [operation])
            if operation.error is None:
                ids[at] = operation.record_id
            else:
                refused = operation.error.message
        return refused

    def _set(
        self, draft: Draft, path: str, holder: str, found: str | None, why: str
    ) -> None:
        if found is not None:
            draft.body[holder] = found
            return
        draft.said.append((path, "not_found", why))
        draft.unread.append(f"{self._plan.kind.resource}.{holder}")
