"""Values for cases of refusal: tokens of all kinds, made when they are first used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.harness.people.oauth import CALLBACK, pkce
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Person
from tests.harness.people.web_app import WebApp, sent_back


@dataclass(frozen=True, slots=True)
class Cast:
    """The apps and people of a scene: `app` and `other` have a secret."""

    scene: Scene
    person: Person
    stranger: Person
    app: WebApp
    other: WebApp
    public: WebApp


@dataclass(slots=True)
class Prepared(Mapping[str, str]):
    """Named values for the requests of cases; each value is made once."""

    cast: Cast
    _made: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        if name not in self._made:
            self._made |= self._make(name)
        return self._made[name]

    def __iter__(self) -> Any:
        raise TypeError("it is asked by name")

    def __len__(self) -> int:
        return len(self._made)

    def _make(self, name: str) -> dict[str, str]:
        cast = self.cast
        base = f"http://{cast.app.address}"
        if name in ("code", "verifier", "challenge"):
            return self._code(cast.app, cast.person)
        if name in ("others_code", "others_verifier"):
            made = self._code(cast.other, cast.person)
            return {f"others_{key}": value for key, value in made.items()}
        if name == "strangers_code":
            return {name: self._code(cast.app, cast.stranger)["code"]}
        if name == "used_code":
            return {name: self._used(cast.app)["code"]}
        if name in ("refresh", "access"):
            return self._tokens(cast.app)
        if name in ("others_refresh", "others_access"):
            made = self._tokens(cast.other)
            return {f"others_{key}": value for key, value in made.items()}
        if name == "spent":
            tokens = self._tokens(cast.app)
            assert cast.app.refresh(tokens["refresh"]).status == 200
            return {name: tokens["refresh"]}
        if name == "revoked":
            tokens = self._tokens(cast.app)
            cast.app.post("/oauth/revoke", {"token": tokens["refresh"]})
            return {name: tokens["refresh"]}
        return {
            "base": base,
            "v1": f"{base}/v1",
            "callback": CALLBACK,
            "pat": cast.scene.tenant.tokens["owner"],
            "id": cast.app.id,
            "secret": cast.app.secret,
            "other_id": cast.other.id,
            "other_secret": cast.other.secret,
            "public_id": cast.public.id,
        }

    def _code(self, app: WebApp, person: Person) -> dict[str, str]:
        verifier, challenge = pkce()
        target = app.target(challenge, resource=f"http://{app.address}/v1")
        code = sent_back(person.answer(person.open(target)))["code"]
        return {"code": code, "verifier": verifier, "challenge": challenge}

    def _used(self, app: WebApp) -> dict[str, Any]:
        made = self._code(app, self.cast.person)
        answer = app.exchange(made["code"], made["verifier"])
        assert answer.status == 200, answer.body
        return {**made, "tokens": answer.json}

    def _tokens(self, app: WebApp) -> dict[str, str]:
        tokens = self._used(app)["tokens"]
        return {"refresh": tokens["refresh_token"], "access": tokens["access_token"]}
