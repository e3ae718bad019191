"""The requests and answers of the API, as Pydantic models."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)


class LifecycleStage(StrEnum):
    """How far a contact has come."""

    SUBSCRIBER = "subscriber"
    LEAD = "lead"
    QUALIFIED = "qualified"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    OTHER = "other"


def _text(longest: int, pattern: str | None = None) -> Any:
    return StringConstraints(strip_whitespace=True, max_length=longest, pattern=pattern)


Text32 = Annotated[str, _text(32)]
Text100 = Annotated[str, _text(100)]
Text255 = Annotated[str, _text(255)]
Email = Annotated[str, _text(254, r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Phone = Annotated[str, _text(32, r"^[0-9 +\-.()/#x]{3,32}$")]
CountryCode = Annotated[str, _text(2, "^[A-Z]{2}$")]
ZoneName = Annotated[str, _text(64, "^[A-Za-z0-9_+/-]+$")]
Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)
]
Key = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,63}$")]
Text2000 = Annotated[str, StringConstraints(max_length=2_000)]
Value = (
    bool
    | int
    | float
    | Text2000
    | Annotated[list[Text2000], Field(max_length=50)]
    | None
)


class ContactIn(BaseModel):
    """What a client may say of a contact."""

    model_config = ConfigDict(extra="forbid")

    first_name: Text100 | None = None
    last_name: Text100 | None = None
    email: Email | None = None
    phone: Phone | None = None
    company_id: Text32 | None = None
    job_title: Text255 | None = None
    lifecycle_stage: LifecycleStage = LifecycleStage.LEAD
    lead_score: Annotated[int, Field(ge=0, le=100)] = 0
    source: Text255 | None = None
    owner_id: Text32 | None = None
    tags: Annotated[list[Tag], Field(max_length=50)] = []
    address1: Text255 | None = None
    city: Text100 | None = None
    state: Text100 | None = None
    postal_code: Text32 | None = None
    country: CountryCode | None = None
    time_zone: ZoneName | None = None
    custom_fields: Annotated[dict[Key, Value], Field(max_length=100)] = {}

    @field_validator("tags")
    @classmethod
    def drop_doubles(cls, tags: list[str]) -> list[str]:
        """Of tags that differ only in case, keeps the first."""
        first: dict[str, str] = {}
        for tag in tags:
            first.setdefault(tag.lower(), tag)
        return list(first.values())


class ContactChanges(ContactIn):
    """What a client may change about a contact: what it names, nothing else."""


class NewContact(ContactIn):
    """A contact to create."""

    @model_validator(mode="after")
    def can_be_reached(self) -> Self:
        """An address or a number is required."""
        if not self.email and not self.phone:
            raise ValueError("email or phone must be given")
        return self


class ContactOut(BaseModel):
    """A contact as the API shows it."""

    model_config = ConfigDict(from_attributes=True)

    @field_validator("external_ids", mode="before")
    @classmethod
    def none_is_empty(cls, ids: dict[str, str] | None) -> dict[str, str]:
        """A contact without external ids has an empty object."""
        return ids or {}

    id: str
    first_name: str | None
    last_name: str | None
    name: str
    email: str | None
    phone: str | None
    company_id: str | None
    job_title: str | None
    lifecycle_stage: str
    lead_score: int
    source: str | None
    owner_id: str | None
    tags: list[str]
    address1: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    time_zone: str | None
    custom_fields: dict[str, Any]
    external_ids: dict[str, str]
    last_contacted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    created_by: str | None


class Search(BaseModel):
    """Which page of contacts to read."""

    model_config = ConfigDict(extra="forbid")

    order_by: Literal["created_at", "updated_at", "lead_score"] = "created_at"
    sort_direction: Literal["asc", "desc"] = "desc"
    limit: Annotated[int, Field(ge=1, le=100)] = 25
    cursor: str | None = None


class Cursor(BaseModel):
    """Where the next page begins, if there is one."""

    next: str | None
    has_more: bool


class Meta(BaseModel):
    """Where the page stands."""

    cursor: Cursor


class ContactPage(BaseModel):
    """A page of contacts."""

    data: list[ContactOut]
    meta: Meta
