"""Alembic's environment: the connection and the reporter come from `run.py`."""

from typing import Any

from alembic import context

from services.postgres.migrations import HEAD

attributes = context.config.attributes


def _report(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    if step.up_revision.down_revision is None:
        attributes["is_new"] = True
        attributes["report"](f"Making the tables of schema {HEAD}")
    elif not attributes.get("is_new"):
        told = f"migrated to {step.up_revision_id}: {step.up_revision.doc}"
        attributes["report"](told)


context.configure(
    connection=attributes["connection"],
    on_version_apply=_report,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
