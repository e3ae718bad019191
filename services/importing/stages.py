"""Finds the stages and pipelines of deals by their names.

A name is looked for in the pipeline that the row names, else in the default one, else
in all others. What several have names none of them.

Other products keep whether a deal is won or lost beside its stage. There, a deal that
is won in an open stage comes into the first won stage of the same pipeline.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from prospectconnect.crm.v1 import pipelines_pb2 as pb

from services.importing.drafts import Draft
from services.imports.paths import PIPELINE_NAME, STAGE_NAME, STAGE_NAMES, STATUS

_PIPELINE, _STAGE = "pipeline_id", "stage_id"
_CLOSED = "closed_at"
_TYPES = {
    "open": pb.STAGE_TYPE_OPEN,
    "won": pb.STAGE_TYPE_WON,
    "lost": pb.STAGE_TYPE_LOST,
}


class _UnknownError(Exception):
    """A name that names nothing: its path, and why."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(why)
        self.path, self.why = path, why


def set_stages(
    drafts: Sequence[Draft], pipelines: Sequence[Any], resource: str
) -> None:
    """Sets the stages and pipelines that rows name, or says that there are none."""
    for draft in drafts:
        named = {name: draft.links[name] for name in STAGE_NAMES if name in draft.links}
        status = draft.links.get(STATUS)
        if not named and status is None:
            continue
        try:
            if named:
                draft.body.update(_found(named, draft.body, pipelines))
            if status is not None:
                draft.body.update(_closed(_folded(status), draft.body, pipelines))
        except _UnknownError as unknown:
            code = "invalid" if unknown.path == STATUS else "not_found"
            draft.said.append((unknown.path, code, unknown.why))
            holder = _PIPELINE if unknown.path == PIPELINE_NAME else _STAGE
            draft.unread.append(f"{resource}.{holder}")
            continue
        stage = _stage_of(draft.body, pipelines)
        is_closed = stage is not None and stage.type != pb.STAGE_TYPE_OPEN
        draft.result.is_undated = is_closed and _CLOSED not in draft.past


def name_stages(problem: dict[str, Any], draft: Draft) -> dict[str, Any]:
    """A problem whose faults name the columns of a row, not the ids of their stages."""
    ways = {_STAGE: (STAGE_NAME, STATUS), _PIPELINE: (PIPELINE_NAME, *STAGE_NAMES)}
    for each in problem.get("errors", ()):
        others = (e for e in ways.get(each.get("field"), ()) if e in draft.links)
        each["field"] = next(others, each.get("field"))
    return problem


def _stage_of(body: Mapping[str, Any], pipelines: Sequence[Any]) -> Any:
    stages = (stage for each in pipelines for stage in each.stages)
    return next((each for each in stages if each.id == body.get(_STAGE)), None)


def _closed(
    status: str, body: Mapping[str, Any], pipelines: Sequence[Any]
) -> dict[str, str]:
    """The stage of a deal by its status: that of the row, or one that is closed."""
    wanted, stage = _TYPES.get(status), _stage_of(body, pipelines)
    if wanted is None:
        raise _UnknownError(STATUS, "Give open, won or lost.")
    if stage is None and (wanted == pb.STAGE_TYPE_OPEN or body.get(_STAGE)):
        return {}
    if stage is not None and stage.type == wanted:
        return {}
    if stage is not None and stage.type != pb.STAGE_TYPE_OPEN:
        text = f"The stage {stage.name[:100]!r} of the row says another status."
        raise _UnknownError(STATUS, text)
    its = stage.id if stage is not None else ""
    pipeline: Any = next(
        (
            each
            for each in pipelines
            if any(e.id == its for e in each.stages)
            or (not its and each.id == body.get(_PIPELINE))
            or (not its and not body.get(_PIPELINE) and each.is_default)
        ),
        None,
    )
    closed = (e for e in pipeline.stages if e.type == wanted) if pipeline else ()
    for each in closed:
        return {_PIPELINE: pipeline.id, _STAGE: each.id}
    raise _UnknownError(STATUS, f"The pipeline has no stage of the type {status}.")


def _found(
    named: Mapping[str, str], body: Mapping[str, Any], pipelines: Sequence[Any]
) -> dict[str, str]:
    among = list(pipelines)
    if PIPELINE_NAME in named:
        among = [_only(among, named[PIPELINE_NAME], PIPELINE_NAME, "pipeline")]
    elif given := body.get(_PIPELINE):
        among = [each for each in among if each.id == given]
    if STAGE_NAME not in named:
        return {_PIPELINE: among[0].id}
    wanted = _folded(named[STAGE_NAME])
    having = [
        (each, stage)
        for each in sorted(among, key=lambda one: not one.is_default)
        for stage in each.stages
        if _folded(stage.name) == wanted
    ]
    if not having:
        raise _UnknownError(STAGE_NAME, "No stage has this name.")
    first = having[0][0]
    others = [each for each, _ in having[1:]]
    if first in others or (others and not first.is_default):
        why = "Several stages have this name: give pipeline.name, or stage_id."
        raise _UnknownError(STAGE_NAME, why)
    return {_PIPELINE: first.id, _STAGE: having[0][1].id}


def _only(found: Sequence[Any], name: str, path: str, noun: str) -> Any:
    having = [each for each in found if _folded(each.name) == _folded(name)]
    if len(having) == 1:
        return having[0]
    if having:
        raise _UnknownError(path, f"Several {noun}s have this name: give {noun}_id.")
    raise _UnknownError(path, f"No {noun} has this name.")


def _folded(name: str) -> str:
    return name.strip().casefold()
