"""The routes of contacts."""

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Request, Response
from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from tests.bench.peers.fastapi_orm import idempotency
from tests.bench.peers.fastapi_orm.access import Caller, Reader, Session, Writer
from tests.bench.peers.fastapi_orm.models import Activity, Contact
from tests.bench.peers.fastapi_orm.pages import read_page
from tests.bench.peers.fastapi_orm.schemas import (
    ContactChanges,
    ContactOut,
    ContactPage,
    NewContact,
    Search,
)

router = APIRouter(prefix="/v1/contacts", tags=["contacts"])

IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
]
IfMatch = Annotated[str | None, Header()]


@router.get("/{contact_id}", response_model=ContactOut)
async def get_contact(
    contact_id: str, caller: Reader, session: Session, response: Response
) -> Contact:
    """Reads a contact."""
    contact = await _seen(session, caller, contact_id)
    response.headers["ETag"] = _etag(contact)
    return contact


@router.post("/search", response_model=ContactPage)
async def search_contacts(
    search: Search, caller: Reader, session: Session, request: Request
) -> dict[str, Any]:
    """Reads a page of contacts."""
    data, following = await read_page(
        session, _visible(caller), caller, search, request.app.state.secret
    )
    cursor = {"next": following, "has_more": following is not None}
    return {"data": data, "meta": {"cursor": cursor}}


@router.post("", status_code=201, response_model=ContactOut)
async def create_contact(
    given: NewContact,
    caller: Writer,
    session: Session,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Creates a contact, once for each idempotency key."""
    contact = _new(given, caller)
    session.add(contact)
    session.add(_told(contact, caller, {"event": "created"}))
    answer = ContactOut.model_validate(contact).model_dump_json().encode()
    if idempotency_key is not None:
        await idempotency.keep(session, caller, idempotency_key, request, answer)
    try:
        await session.commit()
    except IntegrityError:
        await session.rollback()
        if idempotency_key is not None:
            replay = idempotency.replay(session, caller, idempotency_key, request)
            if (replayed := await replay) is not None:
                return replayed
        raise HTTPException(422, "The owner does not exist.") from None
    headers = {"Location": f"/v1/contacts/{contact.id}", "ETag": _etag(contact)}
    return Response(answer, 201, headers, "application/json")


@router.patch("/{contact_id}", response_model=ContactOut)
async def update_contact(
    contact_id: str,
    given: ContactChanges,
    caller: Writer,
    session: Session,
    response: Response,
    if_match: IfMatch = None,
) -> Contact:
    """Changes the fields that are given."""
    contact = await _seen(session, caller, contact_id)
    if if_match is not None and if_match != _etag(contact):
        raise HTTPException(412, "The contact is not at this ETag.")
    told = _change(contact, given)
    if contact in session.dirty:
        contact.updated_at = datetime.now(UTC)
        session.add_all(_told(contact, caller, details) for details in told)
        try:
            await session.commit()
        except StaleDataError:
            raise HTTPException(409, "Another request was faster.") from None
    response.headers["ETag"] = _etag(contact)
    return contact


def _visible(caller: Caller) -> Select[Contact]:
    """The contacts that a caller sees."""
    contacts = select(Contact).where(
        Contact.business_id == caller.business_id, Contact.deleted_at.is_(None)
    )
    if caller.sees_all("contact"):
        return contacts
    own = or_(Contact.owner_id == caller.user_id, Contact.owner_id.is_(None))
    return contacts.where(own)


async def _seen(session: Session, caller: Caller, contact_id: str) -> Contact:
    contact = await session.scalar(_visible(caller).where(Contact.id == contact_id))
    if contact is None:
        raise HTTPException(404, "There is no such contact.")
    return contact


def _new(given: NewContact, caller: Caller) -> Contact:
    now = datetime.now(UTC)
    values = given.model_dump()
    if "owner_id" not in given.model_fields_set:
        values["owner_id"] = caller.user_id
    return Contact(
        **values,
        business_id=caller.business_id,
        id=_new_id("con_", now),
        name=_name(values),
        last_contacted_at=None,
        created_at=now,
        updated_at=now,
        created_by=caller.user_id,
    )


def _change(contact: Contact, given: ContactChanges) -> list[dict[str, Any]]:
    """Applies the changes; returns their timeline entries."""
    changes, told = given.model_dump(exclude_unset=True), []
    if "custom_fields" in changes:
        merged = {**contact.custom_fields, **changes["custom_fields"]}
        changes["custom_fields"] = {
            key: value for key, value in merged.items() if value is not None
        }
    for event, name in (("owner_changed", "owner_id"), ("tags_changed", "tags")):
        before = getattr(contact, name)
        if name in changes and changes[name] != before:
            told.append({"event": event, "from": before, "to": changes[name]})
    for name, value in changes.items():
        if getattr(contact, name) != value:
            setattr(contact, name, value)
    if not contact.email and not contact.phone:
        raise HTTPException(422, "email or phone must stay.")
    contact.name = _name({name: getattr(contact, name) for name in _NAMING})
    return told


_NAMING = ("first_name", "last_name", "email", "phone")


def _name(values: dict[str, Any]) -> str:
    """First and last name, else the e-mail address, else the telephone number."""
    full = f"{values['first_name'] or ''} {values['last_name'] or ''}".strip()
    return str(full or values["email"] or values["phone"])


def _told(contact: Contact, caller: Caller, details: dict[str, Any]) -> Activity:
    return Activity(
        business_id=contact.business_id,
        id=_new_id("act_", contact.updated_at),
        contact=contact,
        actor_id=caller.user_id,
        occurred_at=contact.updated_at,
        details=details,
    )


def _new_id(prefix: str, moment: datetime) -> str:
    return f"{prefix}{int(moment.timestamp()):08x}{secrets.token_hex(8)}"


def _etag(contact: Contact) -> str:
    return f'"{contact.version}"'
