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
from services.importing.stages import set_stages
from services.importing.transcoding import Transcoder
from services.imports.paths import NAME, STAGE_NAMES, STATUS
from services.kinds.record_type import RecordType
from services.records.engine import Records

# What tells the stage of a deal.
_OF_STAGES = (*STAGE_NAMES, STATUS)


@dataclass(frozen=True, slots=True)
class Tools:
    """What writes rows."""

    runnables: Runnables
    lookups: Lookups
    transcoder: Transcoder
    records: Mapping[str, Records[Any]]


class Linking:
    """Links the rows of one import for its caller, within a bound transaction.

    `created` counts the records that it has created for them.
    """

    def __init__(self, tools: Tools, caller: Caller, plan: Plan) -> None:
        self._tools, self._caller, self._plan = tools, caller, plan
        self.created = 0

    async def link(self, drafts: Sequence[Draft]) -> None:
        """Finds the records that columns name by values of their fields."""
        wanted: dict[str, dict[str, None]] = {}
        for draft in drafts:
            for path, value in draft.links.items():
                wanted.setdefault(path, {})[value] = None
        if any(path in _OF_STAGES for path in wanted):
            await self._set_stages(drafts)
        for path, values in wanted.items():
            if path in _OF_STAGES:
                continue
            name, _, key = path.partition(".")
            holder = self._plan.kind.by_name[f"{name}_id"]
            assert holder.target is not None  # noqa: S101 - by the path
            target = self._tools.lookups.kind(holder.references)
            twice = set[str]()
            ids, why = await self._linked(target, key, values, twice)
            for draft in drafts:
                if path in draft.links:
                    value = folded(target, key, draft.links[path])
                    its = f"Several have this {key}." if value in twice else why
                    self._set(draft, path, holder.name, ids.get(value), its)

    async def _set_stages(self, drafts: Sequence[Draft]) -> None:
        resource, lookups = self._plan.kind.resource, self._tools.lookups
        try:
            pipelines = await lookups.all(self._caller, "pipeline")
        except ServiceError as error:
            for draft in drafts:
                named = [each for each in _OF_STAGES if each in draft.links]
                draft.said += [(each, "not_found", error.message) for each in named]
                draft.unread += [f"{resource}.stage_id"] if named else []
            return
        set_stages(drafts, pipelines, resource)

    async def _linked(
        self, target: RecordType, key: str, values: Iterable[str], twice: set[str]
    ) -> tuple[dict[str, str], str]:
        """The ids of linked records by their values, and what is said of the others.

        A name that several records have, which is added to `twice`, finds none.
        """
        noun, caller = target.resource.replace("_", " "), self._caller
        lookups = self._tools.lookups
        try:
            its = caller, target, "", key, values
            ids = dict(await lookups.find(*its, twice if key == NAME else None))
        except ServiceError as error:
            return {}, error.message
        why = f"No {noun} has this {key}."
        if target.resource == "company" and key == NAME:
            why += " With create_missing it is created."
        missing = dict[str, str]()
        for each in values:  # the first spelling counts
            missing.setdefault(folded(target, key, each), each)
        missing = {
            at: each
            for at, each in missing.items()
            if at not in ids and at not in twice
        }
        if missing and self._plan.given.create_missing and key in ("domain", NAME):
            refused = await self._create(target, key, missing, ids)
            why = refused or why
        return ids, why

    async def _create(
        self, target: RecordType, key: str, missing: Mapping[str, str], ids: Any
    ) -> str:
        """Creates the records that are missing. Returns why that is refused, or ""."""
        refused, call = "", Call(self._caller)
        verb = "Create" if key == NAME else "Upsert"
        method = f"{verb}{target.message.DESCRIPTOR.name}"
        for at, value in sorted(missing.items()):
            body = {key: value, NAME: value}
            if key != NAME:
                body["match_on"] = key
            made = self._tools.transcoder.request(method, {}, body)
            runnable = self._tools.runnables[made.request.DESCRIPTOR.full_name]
            operation = Operation(0, "", runnable, made.request, made.unread)
            await run_step(call, [operation])
            if operation.error is None:
                ids[at] = operation.record_id
                self.created += operation.has_created
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
