"""The names that operations have in the clients for Python and TypeScript.

A resource is a tag. A method is an operation without its resource's name:
`addContactTags` of `Contacts` is `add_tags`.
"""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-Z]?[a-z0-9]+")


def attribute_words(tag: str) -> tuple[str, ...]:
    """The words of a resource's name in a client: `custom`, `records`."""
    return tuple(tag.lower().split())


def nouns_of(tag: str, operation_ids: Iterable[str]) -> frozenset[str]:
    """What the names of methods leave out: the resource, and one record of it.

    One record is named by the operation that reads it, such as `getContact`.
    """
    read = next((name[3:] for name in operation_ids if name.startswith("get")), "")
    return frozenset(("".join(map(str.capitalize, tag.split())), read))


def method_words(operation_id: str, nouns: frozenset[str]) -> tuple[str, ...]:
    """The words of a method's name: `add`, `tags`."""
    name = operation_id
    for noun in sorted(nouns, key=len, reverse=True):
        name = name.replace(noun, "", 1) if noun else name
    return tuple(word.lower() for word in _WORD.findall(name))


def snake(words: tuple[str, ...]) -> str:
    """The name in Python: `custom_records`."""
    return "_".join(words)


def camel(words: tuple[str, ...]) -> str:
    """The name in TypeScript: `customRecords`."""
    first, *rest = words
    return first + "".join(map(str.capitalize, rest))
