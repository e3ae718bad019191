"""What apps can learn about the server: where a 401 says, and consistently."""

from edge.calls.answers import METADATA_PATH
from edge.oauth.metadata import ASSISTANTS_PATH, RESOURCE_PATHS, SERVER_PATHS
from edge.scopes import scopes_of
from edge.surface import public_services
from edge.transcoder.routes import routes_of
from tests.edge.served import Served, run


def test_every_permission_is_a_scope_and_every_resource_has_all() -> None:
    scopes = scopes_of(routes_of(public_services()))
    assert scopes == tuple(sorted(set(scopes)))
    assert {"contact.read", "contact.write", "contact.delete", "contact.all"} <= {
        *scopes
    }
    assert not [scope for scope in scopes if scope.startswith("token.")]


def test_it_is_where_a_refusal_says() -> None:
    assert METADATA_PATH in RESOURCE_PATHS


def test_issuer_and_resource_name_one_another_byte_for_byte() -> None:
    async def scenario(edge: Served) -> None:
        for path in RESOURCE_PATHS:
            resource = (await edge.ask("GET", path)).json
            assert resource["resource"] == "https://api.example/v1"
            assert resource["authorization_servers"] == ["https://api.example"]
        for path in SERVER_PATHS:
            server = (await edge.ask("GET", path)).json
            assert server["issuer"] == "https://api.example"
            assert server["protected_resources"] == [
                "https://api.example/v1",
                "https://api.example/mcp",
            ]
            assert server["scopes_supported"] == resource["scopes_supported"]
            for name, value in server.items():
                if name.endswith("_endpoint"):
                    assert value.startswith("https://api.example/oauth/")

    run(scenario, public_url="https://api.example/")


def test_where_apps_register_is_told_only_where_they_can() -> None:
    async def told(edge: Served) -> None:
        for path in SERVER_PATHS:
            server = (await edge.ask("GET", path)).json
            found = server["registration_endpoint"]
            assert found == "https://api.example/oauth/register"

    async def not_told(edge: Served) -> None:
        for path in SERVER_PATHS:
            server = (await edge.ask("GET", path)).json
            assert "registration_endpoint" not in server
            assert server["token_endpoint"] == "https://api.example/oauth/token"

    run(told, public_url="https://api.example/")
    run(not_told, public_url="https://api.example/", registration_is_open=False)


def test_assistants_are_told_of_the_scopes_that_read_and_write_alone() -> None:
    async def scenario(edge: Served) -> None:
        found = (await edge.ask("GET", ASSISTANTS_PATH)).json
        assert found["resource"] == "https://api.example/mcp"
        assert found["authorization_servers"] == ["https://api.example"]
        actions = {scope.partition(".")[2] for scope in found["scopes_supported"]}
        assert actions == {"read", "write"}

    run(scenario, public_url="https://api.example/")


def test_methods_that_are_not_there_are_named() -> None:
    async def scenario(edge: Served) -> None:
        for path in (*RESOURCE_PATHS, ASSISTANTS_PATH, *SERVER_PATHS):
            answer = await edge.ask("POST", path)
            assert (answer.status, answer.headers["Allow"]) == (405, "GET, OPTIONS")

    run(scenario)
