"""What works beside the methods: the worker of jobs, and what delivers to webhooks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prospectconnect.jobs.v1.jobs_pb2 import (
    JOB_KIND_EXPORT,
    JOB_KIND_IMPORT,
    JOB_KIND_MOVE_SANDBOX_CLOCK,
    JOB_KIND_REPLAY_WEBHOOK,
)

from services.building.services import Built
from services.delivering.figures import DeliveryFigures
from services.delivering.telling import Render
from services.emails.sending import EmailMail
from services.exports.building import jobs_of
from services.exports.records import WriteRecords
from services.exports.runner import ExportJobs
from services.files.stores import Files
from services.importing.figures import ImportFigures
from services.importing.running import ImportJobs
from services.importing.transcoding import Transcoder
from services.imports.sweeping import WAIT
from services.jobs.figures import JobFigures
from services.jobs.work import InTransaction
from services.jobs.worker import Worker
from services.mailing.attempts import Parts as MailParts
from services.mailing.figures import MailFigures
from services.mailing.kinds import KIND_EMAIL, KIND_VERIFICATION
from services.mailing.mailer import Mailer
from services.mailing.servers import server_of_url
from services.mailing.talking import Smtp
from services.parts import Keys
from services.pauses import CALLS, Calls
from services.postgres.database import Database
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.schemas import Schemas
from services.sandboxes.clock_jobs import ClockJobs, Sweep
from services.schema.by_jobs.every_job import runners_of
from services.sealed import secret_keys
from services.sealed.cursors import Cursors
from services.sealed.forms import Forms
from services.sealed.mailed_links import MailedLinks
from services.sealed.vault import Vault
from services.senders.verification import VerificationMail
from services.settings import ServiceSettings
from services.webhooks.delivering import Delivering
from services.webhooks.replays import ReplayJobs


@dataclass(frozen=True, slots=True)
class Renders:
    """What knows public JSON: it writes changes for webhooks and records for files, and
    reads the rows of imports. What is None is not done here."""

    change: Render | None = None
    records: WriteRecords | None = None
    rows: Transcoder | None = None


NOTHING = Renders()


@dataclass(frozen=True, slots=True)
class Workers:
    """The tasks that work in a process, and what they count. None: it has none."""

    tasks: tuple["asyncio.Task[None]", ...] = ()
    jobs: JobFigures | None = None
    deliveries: DeliveryFigures | None = None
    imports: ImportFigures | None = None
    exports: ExportJobs | None = None
    mail: MailFigures | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """What the workers work with."""

    database: Database
    kinds: Mapping[str, CompiledKind[Any]]
    schemas: Schemas
    keys: Keys
    files: Files
    delivering: Delivering
    renders: Renders
    export_file_bytes: int
    calls: Calls
    sweep: Sweep
    settings: ServiceSettings


def start_workers(means: Means, built: Built) -> Workers:
    """Starts the worker of jobs, and what delivers to webhooks."""
    database, kinds, schemas = means.database, means.kinds, means.schemas
    files, delivering, renders = means.files, means.delivering, means.renders
    record_types, figures = kinds["user"].kinds, JobFigures()
    telling = delivering.telling(database, kinds, schemas)
    runners = {
        **runners_of(record_types),
        JOB_KIND_REPLAY_WEBHOOK: ReplayJobs(database, record_types, telling).run,
    }
    transactions: dict[int, InTransaction] = {}
    cursors = Cursors(means.keys[secret_keys.CURSORS])
    store = files, means.export_file_bytes
    exports = jobs_of(database, kinds, schemas, cursors, store, renders.records)
    if exports is not None:
        runners[JOB_KIND_EXPORT] = exports.run
    imports = None
    if renders.rows is not None:
        imports = ImportJobs(built, kinds, files, renders.rows)
        runners[JOB_KIND_IMPORT] = imports.run
        transactions[JOB_KIND_IMPORT] = imports.in_transaction
    webhooks = Records(database, kinds["webhook"], schemas)
    deliverer = delivering.deliverer(database, telling, webhooks)
    hurry = (lambda: None) if deliverer is None else deliverer.hurry
    clocks = ClockJobs(database, means.sweep, hurry, WAIT)
    runners[JOB_KIND_MOVE_SANDBOX_CLOCK] = clocks.run
    works = [Worker(database, runners, figures, transactions).run()]
    if deliverer is not None:
        works.append(deliverer.run())
    mailer, mail = _mailer(means)
    works.append(mailer.run())
    before = CALLS.set(means.calls)  # which the tasks keep
    tasks = tuple(map(asyncio.create_task, works))
    CALLS.reset(before)
    return Workers(
        tasks=tasks,
        jobs=figures,
        deliveries=delivering.figures,
        imports=None if imports is None else imports.figures,
        exports=exports,
        mail=mail,
    )


def _mailer(means: Means) -> tuple[Mailer, MailFigures]:
    """What sends the mail of all tenants, and what it counts."""
    settings, figures = means.settings, MailFigures()
    database, kinds, keys = means.database, means.kinds, means.keys
    every = {n: Records(database, each, means.schemas) for n, each in kinds.items()}
    links, url = MailedLinks(keys[secret_keys.LINKS]), settings.public_url
    digests = keys[secret_keys.SUPPRESSIONS]
    forms = Forms(means.keys[secret_keys.FORMS])
    parts = MailParts(
        database=means.database,
        smtp=Smtp(means.delivering.addresses),
        vault=Vault(means.keys[secret_keys.SENDERS]),
        kinds={
            KIND_VERIFICATION: VerificationMail(every["sender"], forms, url),
            KIND_EMAIL: EmailMail(database, every, digests, links, url),
        },
        operator=server_of_url(settings.smtp_url) if settings.smtp_url else None,
        figures=figures,
    )
    return Mailer(parts), figures
