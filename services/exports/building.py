"""Puts the jobs of exports together from what the services have."""

from collections.abc import Mapping
from typing import Any

from services.exports.records import Readings, WriteRecords
from services.exports.runner import ExportJobs, Means
from services.files.stores import Files
from services.postgres.database import Database
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.schemas import Schemas
from services.sealed.cursors import Cursors


def jobs_of(
    database: Database,
    kinds: Mapping[str, CompiledKind[Any]],
    schemas: Schemas,
    cursors: Cursors,
    store: tuple[Files, int],
    write: WriteRecords | None,
) -> ExportJobs | None:
    """What runs the jobs of exports; None without what writes records.

    `store` is where files go, and how many bytes one has at most.
    """
    if write is None:
        return None
    readings = Readings(database, kinds, schemas, cursors, write)
    records = Records(database, kinds["export"])
    return ExportJobs(Means(database, records, schemas, cursors, readings, *store))
