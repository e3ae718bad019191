"""Alembic's environment: the connection and the reporter come from `run.py`."""

from typing import Any

from alembic import context

attributes = context.config.attributes


def _report(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    attributes["report"](f"migrated to {step.up_revision_id}: {step.up_revision.doc}")


context.configure(
    connection=attributes["connection"],
    on_version_apply=_report,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
