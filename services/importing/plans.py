"""The plan of an import: what its job needs to know besides the rows.

It is made of the import and, for CSV, of its header, and kept in the job's task.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.caller import Caller
from services.files.stores import Files
from services.importing.columns import Chosen, Columns, chosen, columns_of
from services.importing.reading.content import Content, ContentError
from services.importing.reading.csv_rows import CsvRows, Form, read_header
from services.importing.reading.lines import Lines
from services.importing.reading.ndjson_rows import NdjsonRows
from services.importing.reading.rows import Reader
from services.importing.transcoding import Transcoder
from services.imports.checks import charset_of, kind_of, past_set_by
from services.imports.contents import folder_of
from services.imports.paths import CUSTOM, Fields, paths_of
from services.kinds.custom_fields import to_json
from services.kinds.matching import ID
from services.kinds.record_type import Kinds, RecordType
from services.kinds.sensitive import fields_of
from services.past.fields import told_by_server
from services.postgres.database import Transaction
from services.records.schemas import Schemas

Json = dict[str, Any]

_LABELS = """
SELECT key, label FROM fields WHERE business_id = $1 AND object = $2
  AND deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """An import, the type of its records, and the columns of its content.

    `slug` is that of the object, as the tenant's schema calls the type. `past` are the
    read-only moments that rows set on new records, `let_go` the read-only fields
    that rows of JSON are freed of, `computed` the keys of computed custom fields,
    `unseen` those of custom fields that the caller does not see.
    """

    given: pb.Import
    kind: RecordType
    slug: str
    columns: Columns | None
    defaults: Mapping[str, Any]
    past: frozenset[str] = frozenset()
    let_go: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()

    @property
    def match_on(self) -> str:
        """The field that finds the record of a row, "" for what upserts take."""
        return self.given.match_on

    @property
    def is_csv(self) -> bool:
        """Whether rows are cells."""
        return self.columns is not None

    def method(self, verb: str) -> str:
        """The name of a method on the records, such as `CreateContact`."""
        return f"{verb}{self.kind.message.DESCRIPTOR.name}"

    @property
    def bound(self) -> dict[str, str]:
        """What the path of a request says besides an id."""
        named = self.kind.object_field
        return {named: self.slug} if named else {}


@dataclass(frozen=True, slots=True)
class Opened:
    """An open content: its rows from a position on."""

    content: Content
    reader: Reader


class Planning:
    """Makes plans, and opens contents by them."""

    def __init__(
        self, kinds: Kinds, schemas: Schemas, files: Files, transcoder: Transcoder
    ) -> None:
        self._kinds, self._schemas = kinds, schemas
        self._files, self._transcoder = files, transcoder

    async def begin(
        self,
        transaction: Transaction,
        caller: Caller,
        given: pb.Import,
        sendings: Mapping[str, Any],
    ) -> Json:
        """Reads the header and chooses the mapping. Raises `ContentError`."""
        if given.format != pb.IMPORT_FORMAT_CSV:
            return {"position": 0}
        charset = charset_of(given.charset)
        content = self._content(caller.business_id, given, sendings)
        await content.seek(0)
        is_recoded = _is_wide(charset)
        form, position = await read_header(
            Lines(content),
            "utf-8" if is_recoded else charset,
            given.delimiter,
            is_recoded=is_recoded,
        )
        fields, slug = await self._fields(caller, given)
        mapping: Any = to_json(given.mapping) or None
        labels = dict[str, str]()
        if mapping is None:
            rows = await transaction.rows(_LABELS, caller.business_id, slug)
            labels = {row[1]: f"{CUSTOM}.{row[0]}" for row in rows if row[1]}
        its = chosen(fields, form.columns, mapping, labels, given.match_on)
        _refuse_unmatched(given, its)
        begun: Json = {
            "position": position,
            "columns": list(form.columns),
            "delimiter": form.delimiter,
            "mapping": dict(its),
        }
        wanted = (name for name, path in (mapping or {}).items() if path)
        if missing := [name for name in wanted if name not in form.columns]:
            begun["missing"] = missing
        return begun

    async def plan(self, caller: Caller, given: pb.Import, task: Json) -> Plan:
        """The plan as the tenant's definitions are now."""
        fields, slug = await self._fields(caller, given)
        columns = None
        if "columns" in task:
            its = task["columns"], task["mapping"], given.locale
            columns = columns_of(fields, *its, self._transcoder.parse)
        defaults = to_json(given.defaults)
        let_go = told_by_server(fields.kind)
        if given.mode != pb.IMPORT_MODE_CREATE:
            let_go -= {ID}
        computed = frozenset(each.key for each in fields.own.formulas)
        unseen = fields.own.masked | fields.own.hidden
        told = fields.past, let_go, computed, unseen
        return Plan(given, fields.kind, slug, columns, defaults, *told)

    async def open(
        self,
        business_id: str,
        given: pb.Import,
        sendings: Mapping[str, Any],
        task: Json,
    ) -> Opened:
        """Opens the content where a job is. Raises `ContentError`."""
        content = self._content(business_id, given, sendings)
        await content.seek(task["position"])
        lines, number = Lines(content), task["row"]
        if "columns" not in task:
            return Opened(content, NdjsonRows(lines, self._transcoder, number))
        charset = charset_of(given.charset)
        is_recoded = _is_wide(charset)
        form = Form(
            "utf-8" if is_recoded else charset,
            is_recoded,
            task["delimiter"],
            tuple(task["columns"]),
        )
        return Opened(content, CsvRows(lines, form, number))

    def _content(
        self, business_id: str, given: pb.Import, sendings: Mapping[str, Any]
    ) -> Content:
        charset = charset_of(given.charset)
        folder = folder_of(business_id, given.id)
        wide = charset if _is_wide(charset) else ""
        return Content(self._files, folder, sendings, wide)

    async def _fields(self, caller: Caller, given: pb.Import) -> tuple[Fields, str]:
        kind = kind_of(self._kinds, given.resource)
        slug = given.resource if kind.object_field else kind.table
        if kind.object_field:
            schema = await self._schemas.having(caller, slug)
        else:
            schema = await self._schemas.of(caller)
        own, past = (
            fields_of(schema, slug, caller),
            past_set_by(caller, kind, given.mode),
        )
        return Fields(self._kinds, kind, own, past), slug


def _refuse_unmatched(given: pb.Import, mapping: Mapping[str, Chosen]) -> None:
    """Refuses a content without a column to match by. Raises `ContentError`."""
    name = given.match_on
    paths = set(to_json(given.defaults))
    for each in mapping.values():
        paths.update(paths_of(each) or ())
    if name and name not in paths and name.partition(".")[0] not in paths:
        raise ContentError(f"No column gives {name[:100]}, by which to match.")


def _is_wide(charset: str) -> bool:
    """Whether a line feed is no single byte of a charset."""
    return charset.startswith("utf-16")
