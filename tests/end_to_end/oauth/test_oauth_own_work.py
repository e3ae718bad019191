"""An app sees the imports and exports that it began itself, and no others."""

from tests.client import Client
from tests.end_to_end.exports.exporting import begin, exported, file
from tests.end_to_end.imports.sending import begun, imported, put
from tests.harness.people.oauth_scene import Scene

_COUNT = {"measures": [{"op": "count", "as": "n"}]}


def _found(client: Client, resource: str, *ids: str) -> list[bool]:
    """Which records a client gets, finds by its id, finds, and counts."""
    by_ids = client.post(f"/{resource}/search", {"ids": list(ids)}).json["data"]
    every = client.search(f"/{resource}")["data"]
    figures = client.post(f"/{resource}/aggregate", _COUNT).json
    return [
        all(client.get(f"/{resource}/{each}").status == 200 for each in ids),
        all(each is not None for each in by_ids),
        {each["id"] for each in every}.issuperset(ids),
        sum(each["n"] for each in figures["data"]) > 0,
    ]


def test_an_app_neither_sees_nor_touches_what_its_user_began(stage: Scene) -> None:
    app = stage.oauth.register()
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    theirs = stage.tenant.client(token=tokens.access_token)
    user = stage.tenant.client(token=stage.token(["contact.all"]))
    content = b"email\na@a.example\nx\n"
    sent, open_one = imported(user, content)["id"], begun(user)
    export = exported(user)
    assert _found(user, "imports", sent, open_one) == [True] * 4
    assert _found(theirs, "imports", sent, open_one) == [False] * 4
    assert _found(user, "exports", export["id"]) == [True] * 4
    assert _found(theirs, "exports", export["id"]) == [False] * 4
    refused = [
        theirs.get(f"/imports/{sent}/errors.csv"),
        theirs.post(f"/imports/{sent}/rows/search", {}),
        put(theirs, open_one, content),
        theirs.send("PUT", f"/imports/{open_one}/content/1", content),
        theirs.post(f"/imports/{open_one}/start", {}),
        theirs.post(f"/imports/{open_one}/cancel", {}),
        file(theirs, export),
    ]
    assert [each.status for each in refused] == [404] * len(refused)
    assert user.get(f"/imports/{open_one}").json["state"] == "waiting_for_content"

    own = imported(theirs, content)["id"]
    assert theirs.get(f"/imports/{own}/errors.csv").status == 200
    assert file(theirs, exported(theirs)).status == 200
    ids = own, begin(theirs)["id"]
    assert _found(theirs, "imports", ids[0]) == [True] * 4
    assert _found(theirs, "exports", ids[1]) == [True] * 4
    assert _found(user, "imports", ids[0]) == [True] * 4, "its user sees it"
    theirs.close()
    user.close()
