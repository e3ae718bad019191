"""The query of a route: which fields of its request it may hold."""

import re

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

PARAMETER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def query_of(method: MethodDescriptor, path: str) -> frozenset[str]:
    """The fields of a GET that are not in its path (`google.api.http`): lists, and of a
    stream all.
    """
    bound, request = PARAMETER.findall(path), method.input_type
    texts = texts_of(request) if method.server_streaming else frozenset()
    lists = (field.name for field in request.fields if field.is_repeated)
    return texts.union(lists).difference(bound)


def texts_of(request: Descriptor) -> frozenset[str]:
    """The fields of a request that are one text each; messages are JSON."""
    is_text = FieldDescriptor.TYPE_STRING
    return frozenset(
        field.name
        for field in request.fields
        if field.message_type or (field.type == is_text and not field.is_repeated)
    )
