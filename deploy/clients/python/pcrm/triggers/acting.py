"""Calls one after another, each told as the command that makes the same call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pcrm import catalog
from pcrm.telling import say

if TYPE_CHECKING:
    from prospectconnect_client import ProspectConnect


@dataclass(frozen=True, slots=True)
class Actor:
    """Makes the calls of a trigger.

    Attributes:
        given: What the user wants of the first record.
        slug: The own object whose records are made; empty for other records.
    """

    client: "ProspectConnect"
    given: Mapping[str, Any]
    slug: str

    def do(self, resource: str, command: str, /, *path: str, **body: Any) -> Any:
        """Makes a call, and tells of it. Returns the JSON of the answer."""
        answer = self._send(catalog.command(resource, command), path, body)
        made = answer.get("id") if isinstance(answer, dict) else None
        told = " ".join(path if path else (str(made),) if made else ())
        say(f"pcrm {resource} {command}  {told}".rstrip(), "2")
        return answer

    def all_of(self, resource: str) -> Iterator[Any]:
        """All records of a resource, page by page. Nothing is told of it."""
        command, body = catalog.command(resource, "search"), {"limit": 100}
        while True:
            page = self._send(command, (), body)
            yield from page["data"]
            cursor = page["meta"]["cursor"]
            if not cursor["has_more"]:
                return
            body = {**body, "cursor": cursor["next"]}

    def _send(
        self, command: catalog.Command, path: tuple[str, ...], body: Mapping[str, Any]
    ) -> Any:
        from prospectconnect_client import Call

        filled = command.path
        for (variable, _), value in zip(command.arguments, path, strict=True):
            filled = filled.replace(f"{{{variable}}}", quote(value, safe=""))
        content = {**body} if command.has_body else None
        call = Call(command.method, filled, content, {}, keyed=command.keyed)
        return self.client.send(call).json
