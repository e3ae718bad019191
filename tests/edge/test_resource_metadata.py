"""The metadata of the protected resource names its scopes, and is where a 401 says."""

from edge.answers import METADATA_PATH, METADATA_PATHS
from edge.resource_metadata import scopes_of
from edge.surface import public_services
from edge.transcoder.routes import routes_of


def test_every_permission_is_a_scope_and_every_resource_has_all() -> None:
    scopes = scopes_of(routes_of(public_services()))
    assert scopes == sorted(set(scopes))
    assert {"contact.read", "contact.write", "contact.delete", "contact.all"} <= {
        *scopes
    }


def test_it_is_where_a_refusal_says() -> None:
    assert METADATA_PATH in METADATA_PATHS
