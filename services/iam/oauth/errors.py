"""The refusals of OAuth, each with the error code of its RFC."""

from prospectconnect.iam.v1.oauth_errors_pb2 import OauthError
from prospectconnect.type.v1.errors_pb2 import ErrorReason

from services.errors import Invalid

_OAUTH_PREFIX = len("OAUTH_ERROR_")


class OauthRefused(Invalid):
    """An OAuth refusal. The app may be told at `redirect_uri`, if that is set."""

    reason = ErrorReason.ERROR_REASON_OAUTH_REFUSED

    def __init__(
        self, error: OauthError.ValueType, message: str, redirect_uri: str = ""
    ) -> None:
        super().__init__(message)
        self.error = error
        self.redirect_uri = redirect_uri

    def metadata(self) -> dict[str, str]:
        told = {"oauth_error": OauthError.Name(self.error)[_OAUTH_PREFIX:].lower()}
        return told | ({"redirect_uri": self.redirect_uri} if self.redirect_uri else {})
