"""Our words for what people look for under other names."""

import re
from types import MappingProxyType

# Other products' words, each with ours. They lead to ours also when they are cut short.
OURS = MappingProxyType(
    {
        "audit": ("history",),
        "bearer": ("authentication",),
        "bruno": ("openapi",),
        "bulk": ("batch",),
        "callback": ("webhook",),
        "cdc": ("changes", "feed"),
        "changelog": ("history",),
        "cli": ("command",),
        "csv": ("importing", "exporting"),
        "dedup": ("duplicate",),
        "dedupe": ("duplicate",),
        "deduplicate": ("duplicate",),
        "deduplication": ("duplicate",),
        "etl": ("exporting", "changes"),
        "excel": ("importing", "exporting"),
        "filter": ("search",),
        "gdpr": ("erasure",),
        "insomnia": ("openapi",),
        "notification": ("webhook",),
        "postman": ("openapi", "client"),
        "quota": ("limit",),
        "recover": ("restore", "undo"),
        "rollback": ("undo",),
        "sdk": ("client",),
        "sign": ("receive",),
        "sync": ("step", "changes"),
        "synchronise": ("step", "changes"),
        "synchronize": ("step", "changes"),
        "swagger": ("openapi", "reference"),
        "terminal": ("command",),
        "throttling": ("limit",),
        "timezone": ("zone", "utc"),
        "trash": ("deleted",),
        "undelete": ("restore",),
        "zone": ("utc",),
    }
)

# What people say in several words. The first word of ours stands for all of them.
_PHRASES = MappingProxyType(
    {
        "access token": "authentication",
        "api key": "authentication",
        "custom field": "own fields",
        "custom object": "own objects",
        "delete forever": "erasure",
        "delete permanently": "erasure",
        "forget me": "erasure",
        "hard delete": "erasure",
        "permanently delete": "erasure",
        "right to be forgotten": "erasure",
        "two way": "two",
    }
)
_PHRASE = re.compile(rf"\b(?:{'|'.join(map(re.escape, _PHRASES))})(?=s?\b)")


def said_otherwise(query: str) -> str:
    """A folded query with our words for the phrases in it."""
    return _PHRASE.sub(lambda found: _PHRASES[found[0]], query)
