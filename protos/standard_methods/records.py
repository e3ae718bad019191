"""The records of the protos, read from what is written by hand alone."""

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

OPTIONS = "prospectconnect/options/v1/options.proto"

BEGIN = "// Standard methods, written by make gen."
END = "// End of standard methods."

# By the numbers of the enum `StandardMethod`.
VERBS = {
    1: "Get",
    2: "Search",
    3: "Create",
    4: "Update",
    5: "Delete",
    6: "Upsert",
    7: "Read History",
    8: "Read AsOf",
    9: "Batch",
    10: "Restore",
    11: "Merge",
    12: "Unmerge",
    45: "Aggregate",
}

NAMED = re.compile(r"^ *(?:rpc|message) (\w+)", re.MULTILINE)
_WORD = re.compile("[A-Z][a-z]*")
_REGION = re.compile(
    rf"^ *{re.escape(BEGIN)}\n.*?^ *{re.escape(END)}\n\n?", re.DOTALL | re.MULTILINE
)
_USED = re.compile(r"^ *rpc \w+\((\w+)\) returns \((\w+)\)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Record:
    """A record message: the file that defines it, its options and its fields'."""

    file: str
    name: str
    policy: Any
    fields: tuple[tuple[FieldDescriptorProto, Any], ...]

    @property
    def noun(self) -> str:
        """What one record is called in a sentence."""
        return str(self.policy.noun) or self._of(str(self.policy.resource))

    @property
    def many(self) -> str:
        """What several are called."""
        return str(self.policy.nouns) or self.collection

    @property
    def collection(self) -> str:
        """What several are called in the names of methods."""
        return self._of(str(self.policy.plural))

    def _of(self, word: str) -> str:
        """A word for records, after what the message's name has before it.

        A `CustomRecord` of the resource `record` is called a custom record.
        """
        resource = str(self.policy.resource).title().replace("_", "")
        before = _WORD.findall(self.name.removesuffix(resource))
        is_named = self.name.endswith(resource)
        words = [*before, word] if is_named else [word]
        return " ".join(words).replace("_", " ").lower()

    @property
    def one(self) -> str:
        """One record with its article."""
        return f"{'an' if self.noun[0] in 'aeio' else 'a'} {self.noun}"

    @property
    def verbs(self) -> list[str]:
        """The verbs of the standard methods that it has."""
        numbers = set(self.policy.without)
        verbs = [verb for n, verb in VERBS.items() if n not in numbers]
        archives = bool(self.policy.archives)
        lacks = {
            "Merge": not self.merges,
            "Unmerge": not self.merges,
            "Aggregate": "Search" not in verbs,
            "Batch": archives or "Create" not in verbs,
            "Restore": archives or "Delete" not in verbs,
        }
        return [verb for verb in verbs if not lacks.get(verb)]

    @property
    def merges(self) -> bool:
        """Whether such records can be merged."""
        return "merged_ids" in self.having("set_by_others")

    def having(self, option: str) -> list[str]:
        """The names of the fields with an option."""
        return [field.name for field, policy in self.fields if getattr(policy, option)]

    def refers_to(self, resource: str) -> bool:
        """Whether a field holds the id of such a record."""
        return any(policy.references == resource for _, policy in self.fields)

    def is_owned_by(self, resource: str) -> bool:
        """Whether it is deleted with the last of its links, such as one of these."""
        links = [policy.references for _, policy in self.fields if policy.link]
        return bool(self.policy.owned_by_links) and resource in links


def written_by_hand(text: str) -> str:
    """A file without its regions."""
    return _REGION.sub("", text).rstrip("\n") + "\n"


def read_records(files: Mapping[str, str]) -> list[Record]:
    """The records that files define, those with a place first."""
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            # Empty lines for the regions, so that the compiler names the right ones.
            hand = _REGION.sub(lambda found: "\n" * found[0].count("\n"), text)
            path.write_text(hand + _stand_ins(hand))
        compiled = _compiled(folder, files)
    record, field = _learned_options(compiled)
    found = [
        Record(
            file.name,
            message.name,
            message.options.Extensions[record],
            tuple((each, each.options.Extensions[field]) for each in message.field),
        )
        for file in FileDescriptorSet.FromString(compiled).file
        for message in file.message_type
        if message.options.HasExtension(record)
    ]
    return sorted(found, key=lambda each: (each.policy.place or len(found), each.many))


def _learned_options(compiled: bytes) -> list[Any]:
    """Our options of messages and of fields, known to what is read from now on.

    They come from the protos, because the generated code may be older than these.
    """
    pool = descriptor_pool.Default()
    try:
        pool.FindFileByName(OPTIONS)
    except KeyError:
        for file in FileDescriptorSet.FromString(compiled).file:
            if file.name == OPTIONS:
                pool.AddSerializedFile(file.SerializeToString())
    package = OPTIONS.rpartition("/")[0].replace("/", ".")
    return [pool.FindExtensionByName(f"{package}.{n}") for n in ("record", "field")]


def _stand_ins(text: str) -> str:
    """Empty messages for those that methods written by hand take from the regions."""
    defined = set(NAMED.findall(text))
    used = dict.fromkeys(name for pair in _USED.findall(text) for name in pair)
    return "".join(f"message {each} {{}}\n" for each in used if each not in defined)


def _compiled(folder: str, files: Iterable[str]) -> bytes:
    site = sysconfig.get_path("purelib")
    includes = (folder, site, f"{site}/grpc_tools/_proto")
    out = Path(folder, "descriptors.binpb")
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_out={out}"]
    command += [f"-I{each}" for each in includes]
    done = subprocess.run(  # noqa: S603 - our own compiler on our own files
        [*command, *files], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr.replace(folder, "protos"))
    return out.read_bytes()
