"""Forms that work once: the form contains the id of what it creates.

A second submission fails because ids are unique, whichever process receives it. The id
must belong to something that is never deleted soon: a token, which stays in the
database after its revocation, or the audit event of an app.
"""

import time

from services.errors import FormInvalid
from services.ids import is_id

_GOOD_SECONDS = 12 * 3_600
_EARLY_SECONDS = 60  # an edge's clock may be ahead


def id_once(prefix: str, once: str) -> str:
    """Returns the id in a form. Raises `FormInvalid` if the form is too old."""
    made = prefix + once
    if not is_id(prefix, made):
        raise FormInvalid
    age = time.time() - int(once[:8], 16)
    if not -_EARLY_SECONDS <= age <= _GOOD_SECONDS:
        raise FormInvalid
    return made
