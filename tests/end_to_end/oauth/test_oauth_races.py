"""Many with one code or one refresh token: at most one gets tokens, and not for long.

The second use of either ends its authorization (RFC 6749, section 4.1.2; RFC 9700,
section 4.14.2), so of a race in the end nobody holds anything. More rounds:
`OAUTH_RACE_ROUNDS=200`.
"""

from collections.abc import Callable, Iterator

import grpc
import pytest
from google.protobuf.message import Message
from prospectconnect.iam.v1 import (
    authorizations_pb2,
    grants_pb2,
    token_endpoint_pb2,
)
from prospectconnect.iam.v1.token_endpoint_pb2 import IssuedTokens

from tests import stacks
from tests.harness.at_once import at_once
from tests.harness.people.oauth import (
    App,
    Granted,
    exchange,
    pkce,
    refresh,
    session,
)
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.harness.programs.faulty_program import program
from tests.harness.wire.grpc_calls import refusal
from tests.rounds import rounds

pytestmark = pytest.mark.usefixtures("no_deadlock")

ROUNDS = rounds("OAUTH_RACE_ROUNDS")
RACERS = 20
MOST_RACES = 20  # until a planted fault has shown itself

Promise = Callable[[Scene], None]
# A call that may be refused: what it answers, or None.
Try = Callable[[], Message | None]


def trying(method: Callable[..., Message], request: Message, **more: object) -> Try:
    """A call of which a refusal by OAuth is an answer as well."""

    def act() -> Message | None:
        try:
            return method(request, timeout=60, **more)
        except grpc.RpcError as error:
            if refusal(error).reason in ("OAUTH_REFUSED", "NOT_FOUND"):
                return None
            raise

    return act


def issued_by(tries: list[Try]) -> list[IssuedTokens]:
    """Makes all calls at once; the tokens of those that got some."""
    answers = at_once(lambda act: act(), tries)
    return [each for each in answers if isinstance(each, IssuedTokens)]


def code_of(scene: Scene) -> tuple[App, Granted]:
    app = scene.oauth.register()
    return app, scene.oauth.grant(app, scene.session)


def tokens_of(scene: Scene) -> tuple[App, IssuedTokens]:
    app, granted = code_of(scene)
    return app, scene.oauth.exchange(app, granted)


def nothing_is_left(scene: Scene, app: App, *issued: IssuedTokens) -> None:
    """No token of an authorization is good, and none can be made."""
    for tokens in issued:
        assert scene.dies(tokens.access_token), "an access token outlived its end"
        again = trying(
            scene.oauth.endpoint.ExchangeRefreshToken,
            refresh(app, tokens.refresh_token),
        )
        assert again() is None, "a refresh token outlived its end"


def one_code_is_redeemed_once(scene: Scene) -> None:
    app, granted = code_of(scene)
    act = trying(scene.oauth.endpoint.ExchangeCode, exchange(app, granted))
    winners = issued_by([act] * RACERS)
    assert len(winners) == 1, f"{len(winners)} got tokens for one code"
    nothing_is_left(scene, app, *winners)


def one_refresh_token_is_redeemed_once(scene: Scene) -> None:
    app, tokens = tokens_of(scene)
    request = refresh(app, tokens.refresh_token)
    act = trying(scene.oauth.endpoint.ExchangeRefreshToken, request)
    winners = issued_by([act] * RACERS)
    assert len(winners) == 1, f"{len(winners)} got tokens for one refresh token"
    nothing_is_left(scene, app, tokens, *winners)


def revoked_while_refreshed(scene: Scene) -> None:
    app, tokens = tokens_of(scene)
    endpoint = scene.oauth.endpoint
    revocation = token_endpoint_pb2.RevokeIssuedTokenRequest(
        client=app.credentials(), token=tokens.refresh_token
    )
    acts = [
        trying(endpoint.ExchangeRefreshToken, refresh(app, tokens.refresh_token)),
        trying(endpoint.RevokeIssuedToken, revocation),
    ]
    winners = issued_by(acts)
    assert len(winners) <= 1
    nothing_is_left(scene, app, tokens, *winners)


def taken_back_while_redeemed(scene: Scene) -> None:
    app, granted = code_of(scene)
    oauth = scene.oauth
    taking = grants_pb2.RevokeGrantedAppRequest(
        client_id=app.id, form_token=oauth.account_form(scene.session)
    )
    acts = [
        trying(oauth.endpoint.ExchangeCode, exchange(app, granted)),
        trying(oauth.grants.RevokeGrantedApp, taking, metadata=session(scene.session)),
    ]
    winners = issued_by(acts)
    nothing_is_left(scene, app, *winners)


def one_answer_ends_a_request(scene: Scene) -> None:
    app = scene.oauth.register()
    request = scene.oauth.start(app, pkce()[1])
    answer = authorizations_pb2.ApproveAuthorizationRequest(
        request=request,
        form_token=scene.oauth.authorization(request, scene.session).form_token,
    )

    approve = trying(
        scene.oauth.authorizations.ApproveAuthorization,
        answer,
        metadata=session(scene.session),
    )
    answers = at_once(lambda act: act(), [approve] * RACERS)
    assert sum(each is not None for each in answers) == 1, "one yes made several codes"


PROMISES = (
    one_code_is_redeemed_once,
    one_refresh_token_is_redeemed_once,
    revoked_while_refreshed,
    taken_back_while_redeemed,
    one_answer_ends_a_request,
)


@pytest.mark.parametrize("promise", PROMISES)
def test_race(promise: Promise, stage: Scene) -> None:
    for _ in range(ROUNDS):
        promise(stage)


@pytest.mark.canary
@pytest.mark.parametrize(
    "promise", [one_code_is_redeemed_once, one_refresh_token_is_redeemed_once]
)
def test_a_race_is_lost_when_a_look_comes_before_the_deletion(
    promise: Promise, faulty: Scene
) -> None:
    with pytest.raises(AssertionError, match="got tokens for one"):
        race_often(promise, faulty)


def race_often(promise: Promise, scene: Scene) -> None:
    """Races again and again, until the promise is broken."""
    for _ in range(MOST_RACES):
        promise(scene)


@pytest.fixture(scope="module")
def faulty(database_url: str) -> Iterator[Scene]:
    """A scene whose program looks for a secret, and deletes it apart."""
    fault = program("secret_selected_then_deleted")
    with (
        stacks.running("together", database_url, program=fault) as stack,
        opened_scene(stack) as scene,
    ):
        yield scene
