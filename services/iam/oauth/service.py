"""OAuth for apps, put together: its services, and what of it is swept away."""

from typing import Any

from prospectconnect.iam.v1.users_pb2 import User

from services.clock import SECOND, now
from services.iam import attempts, audit
from services.iam.oauth import apps, grants
from services.iam.oauth.apps import AppService
from services.iam.oauth.authorizations import AuthorizationService
from services.iam.oauth.grants import GrantService
from services.iam.oauth.own_apps import OwnAppService
from services.iam.oauth.own_tokens import OwnTokenService
from services.iam.oauth.sessions import SessionService
from services.iam.oauth.token_endpoint import TokenEndpointService
from services.iam.passwords import Passwords
from services.postgres.database import Database
from services.records.engine import Records
from services.sealed.forms import Forms
from services.settings import OauthSettings


def servicers(
    database: Database,
    users: Records[User],
    forms: Forms,
    passwords: Passwords,
    settings: OauthSettings,
) -> tuple[Any, ...]:
    """The servicers, a line for each."""
    return (
        AppService(database, settings),
        AuthorizationService(database, users, forms, settings),
        SessionService(database, users, forms, passwords, settings),
        TokenEndpointService(database, settings),
        GrantService(database, forms),
        OwnAppService(database, forms, settings),
        OwnTokenService(database, forms),
    )


async def sweep(database: Database, settings: OauthSettings) -> None:
    """Forgets what belongs to no tenant and has outlived its time.

    Authorization requests do not wait for it: see `services/server.py`.
    """
    moment = now()
    await attempts.sweep(database)
    await apps.sweep(database, moment - settings.unused_app_seconds * SECOND)
    kept = moment - settings.audit_seconds * SECOND
    await audit.sweep(database, audit.NOBODY, kept)


async def sweep_tenant(
    database: Database, business_id: str, settings: OauthSettings
) -> None:
    """Forgets what a tenant has no use of any more."""
    moment = now()
    spent_before = moment - settings.refresh_token_seconds * SECOND
    await grants.sweep(database, business_id, spent_before)
    kept = moment - settings.audit_seconds * SECOND
    await audit.sweep(database, business_id, kept)
