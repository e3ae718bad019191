"""Sessions end, and are no bearer tokens."""

import grpc
import pytest
from prospectconnect.iam.v1 import sessions_pb2, users_pb2, users_pb2_grpc

from services.iam import tenants
from services.postgres.database import Database
from tests.harness.people.oauth import session
from tests.harness.people.oauth_scene import Scene, business_of, new_user
from tests.harness.promptly import within
from tests.harness.wire.grpc_calls import bearer, refusal, refused
from tests.world import administer

MOST_LOGINS = 40


@pytest.fixture
def email(stage: Scene) -> str:
    return new_user(stage)


def test_logging_out_ends_one_session(stage: Scene, email: str) -> None:
    one, other = stage.oauth.log_in(email), stage.oauth.log_in(email)
    log_out = stage.oauth.sessions.LogOut
    wrong = sessions_pb2.LogOutRequest(form_token=stage.oauth.account_form(other))
    assert refused(log_out, wrong, metadata=session(one)).reason == "FORM_INVALID"
    right = sessions_pb2.LogOutRequest(form_token=stage.oauth.account_form(one))
    log_out(right, metadata=session(one), timeout=60)
    assert ends(stage, one)
    assert business_of(stage, other)


def test_a_session_ends_with_its_time_and_with_its_user(stage: Scene) -> None:
    one, other = new_user(stage), new_user(stage)
    old, gone = stage.oauth.log_in(one), stage.oauth.log_in(other)

    async def end(database: Database) -> None:
        await tenants.deactivate_user(database, stage.tenant.name, other)
        await database.run(
            "UPDATE tokens SET expires_at = now() WHERE business_id = $1 AND kind = 3"
            " AND user_id = (SELECT id FROM users WHERE business_id = $1"
            " AND email = $2)",
            stage.tenant.business_id,
            one,
        )

    administer(stage.tenant.stack.database_url, end)
    assert ends(stage, old)
    assert ends(stage, gone)


def ends(scene: Scene, who: str) -> bool:
    """Whether a session is refused within a second."""
    request = sessions_pb2.GetSessionRequest()

    def is_over() -> bool:
        try:
            scene.oauth.sessions.GetSession(request, metadata=session(who), timeout=60)
        except grpc.RpcError as error:
            return refusal(error).reason == "TOKEN_INVALID"
        return False

    return within(1, is_over)


def test_a_session_is_no_bearer_token_and_none_is_a_session(stage: Scene) -> None:
    stub = users_pb2_grpc.UserServiceStub(stage.oauth.channel)
    search = users_pb2.SearchUsersRequest()
    assert stub.SearchUsers(search, metadata=session(stage.session), timeout=60).data
    for metadata in (
        bearer(stage.session),
        session(stage.tenant.tokens["owner"]),
        session(""),
        (("authorization", stage.session),),
    ):
        found = refused(stub.SearchUsers, search, metadata=metadata)
        assert found.reason == "TOKEN_INVALID"
    client = stage.tenant.client(token=stage.session)
    assert client.get("/me").status == 401
    client.close()
