"""Finds the stages and pipelines of deals by their names.

A name is looked for in the pipeline that the row names, else in the default one, else
in all others. What several have names none of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.importing.drafts import Draft
from services.imports.paths import PIPELINE_NAME, STAGE_NAME, STAGE_NAMES

_PIPELINE, _STAGE = "pipeline_id", "stage_id"


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
        if not named:
            continue
        try:
            draft.body.update(_found(named, draft.body, pipelines))
        except _UnknownError as unknown:
            draft.said.append((unknown.path, "not_found", unknown.why))
            holder = _STAGE if unknown.path == STAGE_NAME else _PIPELINE
            draft.unread.append(f"{resource}.{holder}")


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
