"""The product's tables as ORM models, in a separate schema."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

SCHEMA = "peer"


class Base(DeclarativeBase):
    """The base class of all tables."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
    }


class Role(Base):
    """A tenant's role: its actions for each resource, `*` for all others."""

    __tablename__ = "roles"

    business_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    grants: Mapped[dict[str, Any]]


class User(Base):
    """A person who works for a tenant."""

    __tablename__ = "users"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "role_name"], [Role.business_id, Role.name]
        ),
    )

    business_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    active: Mapped[bool]
    role_name: Mapped[str]

    role: Mapped[Role] = relationship()


class Token(Base):
    """A user's personal access token, stored only as its hash."""

    __tablename__ = "tokens"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "user_id"], [User.business_id, User.id]),
    )

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    business_id: Mapped[str]
    user_id: Mapped[str]
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class Contact(Base):
    """A person whom a tenant sells to. `version` counts the changes."""

    __tablename__ = "contacts"

    business_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    company_id: Mapped[str | None]
    job_title: Mapped[str | None]
    lifecycle_stage: Mapped[str]
    lead_score: Mapped[int]
    source: Mapped[str | None]
    owner_id: Mapped[str | None]
    tags: Mapped[list[str]]
    address1: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str | None]
    time_zone: Mapped[str | None]
    custom_fields: Mapped[dict[str, Any]]
    external_ids: Mapped[dict[str, Any] | None]
    last_contacted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[str | None]
    version: Mapped[int] = mapped_column()
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["business_id", "owner_id"], [User.business_id, User.id]),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once


_of = Contact.business_id
Index("contacts_created_at", _of, Contact.created_at, Contact.id)
Index("contacts_updated_at", _of, Contact.updated_at, Contact.id)
Index("contacts_lead_score", _of, Contact.lead_score, Contact.id)
Index("contacts_email", _of, func.lower(Contact.email))
Index("contacts_owner_id", _of, Contact.owner_id)
Index("contacts_company_id", _of, Contact.company_id)
Index("contacts_tags", Contact.tags, postgresql_using="gin")


class Activity(Base):
    """An event of a contact, and the user who caused it."""

    __tablename__ = "activities"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "contact_id"], [Contact.business_id, Contact.id]
        ),
        Index("activities_contact_id", "business_id", "contact_id", "occurred_at"),
    )

    business_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str]
    actor_id: Mapped[str]
    occurred_at: Mapped[datetime]
    details: Mapped[dict[str, Any]]

    contact: Mapped[Contact] = relationship()


class IdempotencyKey(Base):
    """A user's key, and the stored answer."""

    __tablename__ = "idempotency_keys"

    business_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    answer: Mapped[bytes]
    created_at: Mapped[datetime]
