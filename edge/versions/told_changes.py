"""Changes as the answers of a dated contract hold them, for those who are sent them."""

from collections.abc import Callable

import orjson
from prospectconnect.crm.v1 import changes_pb2 as pb

from edge.transcoder.encode import compile_encoder
from edge.transcoder.routes import routes_of
from edge.transcoder.write import compile_writer
from edge.versions import CHANGES
from edge.versions.contracts import Contracts

_PAGE = pb.ReadChangesResponse
_READ = "/ReadChanges"

# Writes a change by the date of a contract; "" is the newest one.
WriteChange = Callable[[pb.Change, str], bytes]


def change_writer(contracts: Contracts | None = None) -> WriteChange:
    """The function that writes changes as JSON text."""
    known = Contracts(CHANGES) if contracts is None else contracts
    services = pb.DESCRIPTOR.services_by_name.values()
    (route,) = (each for each in routes_of(services) if each.rpc.endswith(_READ))
    encode = compile_encoder(_PAGE.DESCRIPTOR)
    write = compile_writer(pb.Change, compile_encoder(pb.Change.DESCRIPTOR))

    def written(change: pb.Change, contract: str) -> bytes:
        found = known.of([contract]) if contract else known.newest
        if not found.downgrades:
            return write(change)
        page = found.downgrade(route, encode(_PAGE(data=[change])))
        return orjson.dumps(page["data"][0])

    return written
