"""The methods of kinds that no other kind has."""

from collections.abc import Mapping
from typing import Any

from services.account_records.report_runs import ReportRuns
from services.consent.topics import TopicMethods
from services.crm.deal_figures import DealFigures
from services.crm.deals import DealMethods
from services.exports.methods import ExportMethods
from services.imports.methods import ImportMethods
from services.job_rights import job_rights
from services.jobs.methods import JobMethods
from services.mail.methods import EmailTemplateMethods
from services.meetings.booking_methods import BookingMethods
from services.meetings.meeting_types import MeetingTypeMethods
from services.parts import Parts
from services.postgres.database import Database
from services.records.engine import Records
from services.reporting.dashboards import DashboardMethods
from services.reporting.reports import ReportMethods
from services.sandboxes.methods import SandboxMethods
from services.sealed import secret_keys
from services.sealed.cursors import Cursors
from services.sealed.vault import Vault
from services.standard import Kept
from services.webhooks.methods import WebhookMethods
from services.webhooks.testing import Testing


def own_methods(
    database: Database,
    kept: Mapping[str, Kept],
    every: Mapping[str, Records[Any]],
    parts: Parts,
    runs: ReportRuns,
) -> dict[str, object]:
    """Objects with these methods, by kind."""
    cursors = Cursors(parts.keys[secret_keys.CURSORS])
    deals, testing = kept["deal"], Testing(database, parts.delivering)
    figures = DealFigures(database, deals.aggregates, parts.changes_days)
    vault = Vault(parts.keys[secret_keys.WEBHOOKS])
    return {
        "webhook": WebhookMethods(
            kept["webhook"], cursors, vault, parts.allowed, testing
        ),
        "job": JobMethods(kept["job"], job_rights(every)),
        "deal": DealMethods(deals.records, figures),
        "import": ImportMethods(kept["import"], cursors, parts.files),
        "export": ExportMethods(kept["export"], parts.files, parts.allowed.contracts),
        "report": ReportMethods(kept["report"], runs),
        "sandbox": SandboxMethods(kept["sandbox"]),
        "meeting_type": MeetingTypeMethods(
            kept["meeting_type"],
            every["user"],
            every["schedule"],
            every["contact"],
        ),
        "booking": BookingMethods(
            kept["booking"],
            every["meeting_type"],
            every["contact"],
            every["activity"],
        ),
        "email_template": EmailTemplateMethods(kept["email_template"], every),
        "topic": TopicMethods(every["topic"], parts.keys[secret_keys.SUPPRESSIONS]),
        "dashboard": DashboardMethods(kept["dashboard"], every["report"], runs),
    }
