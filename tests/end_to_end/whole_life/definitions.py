"""What the tenant of a whole life has defined: fields, a record type, associations."""

from tests.end_to_end.whole_life.records import OBJECT

DEFINITIONS = (
    (
        "/objects",
        {"slug": OBJECT, "singular_label": "Project", "plural_label": "Projects"},
    ),
    (
        "/fields",
        {"object": "contacts", "key": "badge", "type": "text", "label": "Badge"}
        | {"unique": True},
    ),
    (
        "/fields",
        {"object": OBJECT, "key": "lead", "type": "record", "label": "Lead"}
        | {"target": "contacts"},
    ),
    (
        "/association_types",
        {"key": "friends", "from_object": "companies", "to_object": "contacts"}
        | {"label": "Friends", "inverse_label": "Friend of"},
    ),
)
