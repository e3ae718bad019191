"""OAuth over gRPC, as the edge uses it: from an app's question to its tokens."""

from tests.harness.oauth import Scene


def test_an_app_gets_what_its_user_grants(scene: Scene) -> None:
    oauth = scene.oauth
    app = oauth.register()
    granted = oauth.grant(app, scene.session)
    tokens = oauth.exchange(app, granted)
    assert tokens.scope == "contact.read contact.write"
    client = scene.tenant.client(token=tokens.access_token)
    me = client.get("/me").json
    assert me["token"]["kind"] == "oauth"
    assert me["token"]["client_id"] == app.id
    contact = client.create("/contacts", {"email": "a@b.example"})
    assert client.delete(f"/contacts/{contact['id']}").status == 403
    client.close()
    again = oauth.refresh(app, tokens.refresh_token)
    assert again.refresh_token != tokens.refresh_token
    assert [each.app.client_id for each in oauth.granted_apps(scene.session)] == [
        app.id
    ]
