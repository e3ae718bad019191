"""What the tests of custom objects share."""

from typing import Any

from tests.client import Client

BODY = {
    "slug": "licenses",
    "singular_label": "License",
    "plural_label": "Licenses",
}
PATH = "/objects/licenses"
RECORDS = f"{PATH}/records"


def body(slug: str, **more: Any) -> dict[str, Any]:
    """The body that defines a custom object with a slug."""
    label = slug.title()
    return {"slug": slug, "singular_label": label, "plural_label": label} | more


def define_object(client: Client, slug: str = "licenses", **more: Any) -> Any:
    """Defines a custom object."""
    return client.create("/objects", body(slug, **more))


def define_field(
    client: Client, key: str, kind: str, slug: str = "licenses", **more: Any
) -> Any:
    """Defines a field of a custom object."""
    given = {"object": slug, "key": key, "type": kind, "label": key.title()}
    return client.create("/fields", given | more)
