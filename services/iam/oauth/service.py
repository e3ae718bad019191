"""Builds the OAuth services, and deletes what has expired."""

from typing import Any

from prospectconnect.iam.v1.users_pb2 import User

from services.clock import SECOND, now, real_now
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
    """Returns the servicers, one line each."""
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
    """Deletes expired data without a tenant.

    Authorization requests are deleted more often, see `services/server.py`.
    """
    moment = now()
    await attempts.sweep(database)
    await apps.sweep(database, moment - settings.unused_app_seconds * SECOND)
    kept = moment - settings.audit_seconds * SECOND
    await audit.sweep(database, audit.NOBODY, kept)


async def sweep_tenant(
    database: Database, business_id: str, settings: OauthSettings
) -> None:
    """Deletes expired data of a tenant. No token expires by a sandbox's clock."""
    spent_before = real_now() - settings.refresh_token_seconds * SECOND
    await grants.sweep(database, business_id, spent_before)
    kept = now() - settings.audit_seconds * SECOND
    await audit.sweep(database, business_id, kept)
