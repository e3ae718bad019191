"""What all services are built from."""

from dataclasses import dataclass

from services.aggregates.places import Places
from services.changes.methods import Shared
from services.every_kind import CompiledKinds
from services.files.stores import Files
from services.gates.figures import Figures
from services.iam.passwords import Passwords
from services.iam.refusals import Refusals
from services.sealed import secret_keys
from services.settings import OauthSettings
from services.webhooks.checks import Allowed
from services.webhooks.delivering import Delivering

Keys = dict[str, secret_keys.SecretKeys]


@dataclass(frozen=True, slots=True)
class Parts:
    """What all services are built from."""

    kinds: CompiledKinds
    keys: Keys
    passwords: Passwords
    oauth: OauthSettings
    # For how long the changes of records are kept.
    changes_days: int
    feed: Shared
    figures: Figures | None
    # What webhooks may be.
    allowed: Allowed
    delivering: Delivering
    refusals: Refusals
    files: Files
    # Where figures are made.
    places: Places
    # Whether the operator has a mail server for senders without one.
    has_mail_server: bool
