"""What an import must fulfil before it exists: all that is known without a content."""

import codecs
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import PermissionDenied, RoleDenied, ValidationFailed
from services.faults import Fault
from services.gates.permissions import check_permission
from services.imports.locales import LOCALES
from services.imports.paths import MOST_OF_COLUMN, STATUS, Fields, Path, paths_of
from services.kinds.custom_fields import to_json
from services.kinds.matching import ID, match_refusal
from services.kinds.objects import object_kinds
from services.kinds.record_type import Kinds, RecordType
from services.kinds.sensitive import fields_of
from services.past.fields import past_fields
from services.records.engine import Records
from services.roles import ADMINISTRATORS

MOST_COLUMNS = 1_000
# What may separate the cells of a table. A header does not tell a bar from a letter: it
# is not recognized.
DELIMITERS = (",", ";", "\t", "|")
# Charsets in which no character but the line feed holds its byte.
CHARSETS = frozenset(
    (
        *("utf-8", "ascii", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257"),
        *(f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)),
        *("cp437", "cp850", "cp852", "mac-roman", "koi8-r", "koi8-u"),
        *("shift_jis", "cp932", "euc_jp", "gb18030", "gbk", "big5", "euc_kr", "cp949"),
        *("utf-16", "utf-16-le", "utf-16-be"),
    )
)

_INVALID = FaultCode.FAULT_CODE_INVALID
_CHOICE = FaultCode.FAULT_CODE_INVALID_CHOICE
_UNDO = "To undo an import, send a POST to its `undo`."
_NUL = "The text holds a NUL character."


def charset_of(name: str) -> str:
    """The name of a charset as Python has it. "" if it is none that is read."""
    try:
        found = codecs.lookup(name or "utf-8").name
    except LookupError:
        return ""
    return found if found in CHARSETS else ""


def kind_of(kinds: Kinds, resource: str) -> RecordType:
    """The kind of the records that an import is about: of a path, or of an object."""
    known = (e for e in object_kinds(kinds) if e.table == resource)
    custom = (e for e in object_kinds(kinds) if e.object_field)
    return next((e for e in known if not e.object_field), None) or next(custom)


def permission_of(kind: RecordType, mode: int) -> str:
    """What the rows of an import need."""
    its = kind.policy.permission_resource or kind.resource
    return f"{its}.{'delete' if mode == pb.IMPORT_MODE_DELETE else 'write'}"


def check_rows_rights(caller: Caller, kind: RecordType, given: pb.Import) -> None:
    """Refuses a caller who may not do what the rows do.

    Rows that find their records by a value search for them, which takes reading. An
    undo is checked when it begins, by what its import did, and with each row.
    """
    if given.mode == pb.IMPORT_MODE_UNDO:
        return
    check_permission(caller, permission_of(kind, given.mode))
    finds = given.mode in (pb.IMPORT_MODE_UPDATE, pb.IMPORT_MODE_DELETE)
    if finds and given.match_on not in ("", ID):
        its = kind.policy.permission_resource or kind.resource
        check_permission(caller, f"{its}.read")
    check_past_rights(caller, kind, given)


def check_past_rights(caller: Caller, kind: RecordType, given: pb.Import) -> None:
    """Refuses who may not set the moments of records that were made elsewhere."""
    named = set(to_json(given.defaults))
    for each in to_json(given.mapping).values():
        named.update(paths_of(each) or ())
    told = sorted(named & past_fields(kind))
    if told and caller.role not in ADMINISTRATORS:
        text = f"Only an owner or an admin may set {told[0]} by an import."
        raise RoleDenied(text, "")


def past_set_by(caller: Caller, kind: RecordType, mode: int) -> frozenset[str]:
    """The read-only moments that an import of a caller may set: none, or all."""
    creates = mode in (pb.IMPORT_MODE_CREATE, pb.IMPORT_MODE_UPSERT)
    if creates and caller.role in ADMINISTRATORS:
        return past_fields(kind)
    return frozenset()


class Checks:
    """Checks imports by the types of records and the tenants' definitions."""

    def __init__(self, records: Records[pb.Import]) -> None:
        self._records, self._kinds = records, records.kinds

    async def check(self, caller: Caller, given: pb.Import) -> None:
        """Refuses an import with all of its faults.

        Raises `ValidationFailed`, `ScopeDenied` and `RoleDenied`.
        """
        if given.mode == pb.IMPORT_MODE_UNDO:
            raise ValidationFailed([Fault("import.mode", _CHOICE, _UNDO)])
        kind = kind_of(self._kinds, given.resource)
        custom = await self._records.custom_objects(caller, (given.resource,))
        if kind.object_field and given.resource not in custom:
            message = "No type of record has this name."
            raise ValidationFailed([Fault("import.resource", _CHOICE, message)])
        await self.check_rights(caller, given)
        schema = await self._records.schema_of(caller)
        slug = given.resource if kind.object_field else kind.table
        own = fields_of(schema, slug, caller)
        fields = Fields(self._kinds, kind, own, past_set_by(caller, kind, given.mode))
        faults = [
            *_match(fields, given),
            *_mapping(fields, given),
            *_defaults(fields, given),
            *_formats(given),
        ]
        if faults:
            raise ValidationFailed(faults)

    async def check_rights(self, caller: Caller, given: pb.Import) -> None:
        """Refuses a caller who may not do what the rows do."""
        kind = kind_of(self._kinds, given.resource)
        check_rows_rights(caller, kind, given)

    async def check_sight(self, caller: Caller, given: pb.Import) -> None:
        """Refuses a caller who may neither read nor write what the rows hold."""
        kind = kind_of(self._kinds, given.resource)
        its = kind.policy.permission_resource or kind.resource
        try:
            check_permission(caller, f"{its}.read")
        except PermissionDenied:
            check_permission(caller, f"{its}.write")


def _match(fields: Fields, given: pb.Import) -> list[Fault]:
    at, name = "import.match_on", given.match_on
    if given.mode == pb.IMPORT_MODE_CREATE:
        message = "Leave it out: each row creates a record."
        return [Fault(at, _INVALID, message)] if name else []
    if not name:
        is_upsert = given.mode == pb.IMPORT_MODE_UPSERT
        if is_upsert and fields.kind.policy.match_on_optional:
            return []
        required = FaultCode.FAULT_CODE_REQUIRED
        return [Fault(at, required, "Give match_on; this mode requires it.")]
    refusal = match_refusal(fields.kind, name, fields.own)
    return [Fault(at, _CHOICE, refusal)] if refusal else []


def _mapping(fields: Fields, given: pb.Import) -> list[Fault]:
    at = "import.mapping"
    if not given.mapping.fields:
        return []
    if given.format != pb.IMPORT_FORMAT_CSV:
        message = "Leave it out: the members of NDJSON are fields already."
        return [Fault(at, _INVALID, message)]
    mapping: dict[str, Any] = to_json(given.mapping)
    if len(mapping) > MOST_COLUMNS:
        code = FaultCode.FAULT_CODE_TOO_MANY
        return [Fault(at, code, f"Give no more than {MOST_COLUMNS} columns.")]
    faults = list[Fault]()
    for column, value in sorted(mapping.items()):
        here = f"{at}.{column}"[:200]
        if _has_nul([column, value]):
            faults.append(Fault(_shown(here), _INVALID, _NUL))
        elif (paths := paths_of(value)) is None:
            code, most = FaultCode.FAULT_CODE_INVALID_TYPE, MOST_OF_COLUMN
            text = f"Give the path of a field, a list of up to {most}, or null."
            faults.append(Fault(here, code, text))
        else:
            faults += _paths(fields, here, paths)
    return faults[:100]


def _paths(fields: Fields, here: str, paths: list[str]) -> list[Fault]:
    """The faults of the paths of one column. Several columns may give one field."""
    faults = list[Fault]()
    if len(set(paths)) < len(paths):
        code, message = FaultCode.FAULT_CODE_NOT_UNIQUE, "Name each field once."
        faults.append(Fault(here, code, message))
    for path in paths:
        found = fields.read(path)
        if isinstance(found, str):
            faults.append(Fault(here, FaultCode.FAULT_CODE_UNKNOWN_FIELD, found))
    return faults


def _defaults(fields: Fields, given: pb.Import) -> list[Fault]:
    values: dict[str, Any] = to_json(given.defaults)
    faults = list[Fault]()
    for path, value in values.items():
        at, found = f"import.defaults.{path}"[:200], _of_default(fields.read(path))
        if _has_nul([path, value]):
            faults.append(Fault(_shown(at), _INVALID, _NUL))
        elif isinstance(found, str):
            faults.append(Fault(at, FaultCode.FAULT_CODE_UNKNOWN_FIELD, found))
    return faults[:100]


def _has_nul(value: Any) -> bool:
    """Whether a text or a name in a JSON value holds a NUL character."""
    if isinstance(value, dict):
        return any(_has_nul(name) or _has_nul(each) for name, each in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def _shown(path: str) -> str:
    return path.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _of_default(found: Path | str) -> Path | str:
    """The field of a default, or why it is none."""
    if isinstance(found, Path) and found.is_whole:
        return f"Name one of its members: {found.text}.KEY."
    if isinstance(found, Path) and found.text == STATUS:
        return "Give stage.name: the status follows from the stage."
    return found


def _formats(given: pb.Import) -> list[Fault]:
    faults, is_csv = list[Fault](), given.format == pb.IMPORT_FORMAT_CSV
    if given.delimiter and not is_csv:
        message = "Leave it out: NDJSON has none."
        faults.append(Fault("import.delimiter", _INVALID, message))
    elif given.delimiter and given.delimiter not in DELIMITERS:
        message = "Give a comma, a semicolon, a vertical bar or a tab."
        faults.append(Fault("import.delimiter", _CHOICE, message))
    if given.locale and given.locale not in LOCALES:
        message = f"Give one of {', '.join(LOCALES)}."
        faults.append(Fault("import.locale", _CHOICE, message))
    if given.charset and not is_csv:
        message = "Leave it out: NDJSON is UTF-8."
        faults.append(Fault("import.charset", _INVALID, message))
    elif not charset_of(given.charset):
        message = "Give a charset such as utf-8, windows-1252 or utf-16."
        faults.append(Fault("import.charset", _CHOICE, message))
    return faults
