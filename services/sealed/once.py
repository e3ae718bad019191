"""What makes a form good for one thing: an id that comes of it is in the form.

A second form with the same id fails on the id's uniqueness, whichever process gets it.
So it is the id of what outlives the form: of a token, which is kept when it is revoked,
or of the event that tells of an app.
"""

import time

from services.errors import FormInvalid
from services.ids import is_id

_GOOD_SECONDS = 12 * 3_600
_EARLY_SECONDS = 60  # an edge's clock may be ahead


def id_once(prefix: str, once: str) -> str:
    """The id that a form decides; `FormInvalid` when the form is too old."""
    made = prefix + once
    if not is_id(prefix, made):
        raise FormInvalid
    age = time.time() - int(once[:8], 16)
    if not -_EARLY_SECONDS <= age <= _GOOD_SECONDS:
        raise FormInvalid
    return made
