"""What senders add to the engine of records: when they must be verified anew, and when
their secrets must be given anew.

A password goes to no other server than the one for which it was given.
"""

import re

from prospectconnect.engagement.v1.senders_pb2 import SMTP_SECURITY_NONE, Sender
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.clock import now, to_timestamp
from services.faults import Fault
from services.mailing.signing import KeyRefused, private_key
from services.records.behaviour import Behaviour
from services.senders.secrets import GIVEN, strip

_REQUIRED, _INVALID = FaultCode.FAULT_CODE_REQUIRED, FaultCode.FAULT_CODE_INVALID
_FORMAT = FaultCode.FAULT_CODE_INVALID_FORMAT
_LABEL = "[0-9A-Za-z]([0-9A-Za-z_-]{0,61}[0-9A-Za-z])?"
_SELECTOR = re.compile(rf"{_LABEL}(\.{_LABEL})*")


def begin(sender: Sender) -> None:
    """Tells when the secrets of a new sender were set."""
    _set(sender)


def derive(sender: Sender) -> None:
    """Removes secrets: the record never holds them."""
    strip(sender)


def changed(before: Sender, after: Sender) -> None:
    """Ends the verification, and the secrets, that were for something else."""
    if _verified(before) != _verified(after):
        after.ClearField("verified_at")
    if _login(before) != _login(after):
        after.ClearField("password_set_at")
    if not after.HasField("dkim"):
        after.ClearField("private_key_set_at")
    _set(after)


def _set(sender: Sender) -> None:
    given, moment = GIVEN.get(), to_timestamp(now())
    if given.password and sender.smtp.username:
        sender.password_set_at.CopyFrom(moment)
    if given.private_key and sender.HasField("dkim"):
        sender.private_key_set_at.CopyFrom(moment)


def _verified(sender: Sender) -> tuple[object, ...]:
    """What a verification is for."""
    return sender.address, sender.smtp.host, sender.smtp.port


def _login(sender: Sender) -> tuple[object, ...]:
    """What a password is for. Without a user name there is none."""
    smtp = sender.smtp
    if not smtp.username:
        return ()
    return smtp.host, smtp.port, smtp.security, smtp.username


def check(sender: Sender) -> list[Fault]:
    """The faults of the server and of the key."""
    return [*_of_server(sender), *_of_key(sender)]


def _of_server(sender: Sender) -> list[Fault]:
    smtp, at = sender.smtp, "sender.smtp"
    if not smtp.username:
        if GIVEN.get().password:
            message = "Give the user name that the password is for."
            return [Fault(f"{at}.username", _REQUIRED, message)]
        return []
    if smtp.security == SMTP_SECURITY_NONE:
        message = "A login takes tls or starttls: nobody may read the password."
        return [Fault(f"{at}.security", _INVALID, message)]
    if not sender.HasField("password_set_at"):
        message = "Give the password. It goes to no other login than its own."
        return [Fault(f"{at}.password", _REQUIRED, message)]
    return []


def _of_key(sender: Sender) -> list[Fault]:
    at, found = "sender.dkim", list[Fault]()
    if not sender.HasField("dkim"):
        return found
    if not _SELECTOR.fullmatch(sender.dkim.selector):
        message = "Give a selector such as mail2026: letters, digits and hyphens."
        found.append(Fault(f"{at}.selector", _FORMAT, message))
    text = GIVEN.get().private_key
    if text:
        try:
            private_key(text)
        except KeyRefused as refused:
            found.append(Fault(f"{at}.private_key", _FORMAT, str(refused)))
    elif not sender.HasField("private_key_set_at"):
        message = "Give the private key."
        found.append(Fault(f"{at}.private_key", _REQUIRED, message))
    return found


BEHAVIOUR: Behaviour[Sender] = Behaviour(
    begin=begin, derive=derive, changed=changed, check=check
)
