"""Own tokens: a logged-in user creates and revokes tokens by forms."""

from typing import Any

import asyncpg
from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import own_tokens_pb2 as pb
from prospectconnect.iam.v1 import own_tokens_pb2_grpc

from services.caller import current_call
from services.errors import FormInvalid
from services.iam.oauth.sessions import ACCOUNT
from services.iam.token_requests import check_scopes, end_of
from services.iam.tokens import NewToken, insert_token, revoke_own
from services.postgres.database import Database
from services.sealed.forms import Forms
from services.sealed.once import id_once


class OwnTokenService(own_tokens_pb2_grpc.OwnTokenServiceServicer):
    """The methods of `OwnTokenService`, as the proto describes them."""

    def __init__(self, database: Database, forms: Forms) -> None:
        self._database = database
        self._forms = forms

    async def CreateOwnToken(
        self, request: pb.CreateOwnTokenRequest, _: Any
    ) -> pb.CreateOwnTokenResponse:
        caller = current_call().caller
        self._forms.check(request.form_token, ACCOUNT, caller.token_id)
        check_scopes(request.scopes)
        wanted = NewToken(
            scopes=sorted(set(request.scopes)),
            expires_at=end_of(request, caller),
            limit=caller.token_limit,
            name=request.name,
            id=id_once("pat_", request.once),
            address=request.address,
        )
        whose = caller.business_id, caller.user_id
        try:
            token, secret = await insert_token(self._database, *whose, wanted)
        except asyncpg.UniqueViolationError:
            raise FormInvalid from None
        return pb.CreateOwnTokenResponse(token=token, secret=secret)

    async def RevokeOwnToken(self, request: pb.RevokeOwnTokenRequest, _: Any) -> Empty:
        caller = current_call().caller
        self._forms.check(request.form_token, ACCOUNT, caller.token_id)
        await revoke_own(self._database, caller, request.id, request.address)
        return Empty()
