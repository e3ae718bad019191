"""Preconditions (RFC 9110 section 13): If-Match and If-None-Match against etags.

The ETag of a record is the `etag` of its message in quotes, and always strong. The tag
of a compressed answer has a suffix: the bytes differ, but the version is the same.
"""

import re

from edge.http.compression import SUFFIX
from edge.problems import ProblemError

_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e]*)"\s*(?:,|$)|\s*([^,]*)(?:,|$)')

# A condition that no record fulfils; unlike the empty one, it is a condition.
_NO_TAG = "W/"
# A condition that every record fulfils. Where there is none, an upsert fails.
_ANY = "*"

CHANGED = "The record has changed since it was read."


def etag_condition(if_match: list[str]) -> str:
    """If-Match as the `etag` field of a request.

    Weak and malformed tags match nothing. They are not ignored: the client wants a
    condition, and without it could overwrite a version that it has not seen.

    Args:
        if_match: The values of all `If-Match` headers.

    Returns:
        Comma-joined strong tags, `*` for any; empty for no condition.
    """
    tags = _tags(if_match) if if_match else []
    if not tags:
        return ""
    if ("", _ANY) in tags:
        return _ANY
    strong = [t for kind, t in tags if kind == "strong" and "," not in t and t != _ANY]
    return ",".join(tag.removesuffix(SUFFIX) for tag in strong) or _NO_TAG


def precondition_failed(if_match: list[str], etag: str) -> bool:
    """Whether a read must answer 412: If-Match is present and names other tags only."""
    condition = etag_condition(if_match)
    return condition not in ("", _ANY) and etag not in condition.split(",")


def mismatch(if_match: list[str], detail: str = CHANGED) -> ProblemError:
    """The 412 of an If-Match that does not name the record's etag."""
    if etag_condition(if_match) == _NO_TAG:
        detail = "If-Match takes an ETag as answers give it: in quotes, without W/."
    return ProblemError("ETAG_MISMATCH", detail)


def tag_had(if_none_match: list[str], etag: str) -> str:
    """The tag in the client's If-None-Match that names this version of a record.

    The plain tag and the compressed one both match, in any case.

    Returns:
        The tag. A 304 repeats it, so that caches find the stored answer. Empty if the
        record must be sent.
    """
    both = (etag, f"{etag}{SUFFIX}")
    return next((tag for tag in both if not_modified(if_none_match, tag)), "")


def not_modified(if_none_match: list[str], etag: str) -> bool:
    """Whether a read must answer 304: the client has this record already.

    Weak tags count here (RFC 9110 section 13.1.2); malformed ones do not.
    """
    if not if_none_match:
        return False
    tags = _tags(if_none_match)
    return any(
        tag in ((kind and etag), "*") for kind, tag in tags if kind or tag == "*"
    )


def _tags(headers: list[str]) -> list[tuple[str, str]]:
    """All tags of a list header, each with "weak", "strong", or "" for no tag."""
    tags = []
    for found in _TAG.finditer(",".join(headers)):
        weak, tag, other = found.groups()
        if tag is not None:
            tags.append(("weak" if weak else "strong", tag))
        elif other.strip():
            tags.append(("", other.strip()))
    return tags
