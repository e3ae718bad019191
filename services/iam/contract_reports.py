"""Reports of what a newer contract would change for a tenant's requests."""

from collections.abc import Sequence
from typing import Any

from prospectconnect.iam.v1 import contracts_pb2 as pb
from prospectconnect.iam.v1 import contracts_pb2_grpc

from services.caller import current_call
from services.clock import to_timestamp
from services.contracts import contract_at
from services.errors import NotFound
from services.iam import contract_touches
from services.iam.holders import Holders, find_holders
from services.postgres.database import Database, Row


class ContractService(contracts_pb2_grpc.ContractServiceServicer):
    """The methods of `ContractService`, as the proto describes them."""

    def __init__(self, database: Database, contracts: Sequence[str]) -> None:
        """`contracts` are the dates of all contracts, the oldest first."""
        self._database, self._contracts = database, contracts

    async def ReadContractReport(
        self, request: pb.ReadContractReportRequest, _: Any
    ) -> pb.ContractReport:
        business_id = current_call().caller.business_id
        contract = contract_at(self._contracts, request.date) if request.date else ""
        if not contract:
            known = ", ".join(self._contracts)
            raise NotFound(f"There is no contract of that day. There are: {known}.")
        rows = await contract_touches.read(self._database, business_id, contract)
        pairs = {(row[0], row[1]) for row in rows}
        known_holders = await find_holders(self._database, business_id, pairs)
        data = [_difference(row, known_holders) for row in rows]
        return pb.ContractReport(contract=contract, data=data)


def _difference(row: Row, known: Holders) -> pb.ContractDifference:
    user_id, holder_id, operation, differs, at, version, by, trace_id, members = row[:9]
    holder = known.told((user_id, holder_id))
    return pb.ContractDifference(
        operation=operation[:1].lower() + operation[1:],
        client=pb.ContractClient(id=holder.id, name=holder.name, email=holder.email),
        requests=max(row[9], differs),
        differs=differs,
        example=pb.ContractExample(
            at=to_timestamp(at),
            version=version,
            changed_by=by,
            members=members.split(",") if members else [],
            trace_id=trace_id,
        ),
    )
