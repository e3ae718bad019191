"""The licenses of the demonstration data: a custom object with typed fields.

Each plan that was sold has a license, which renews a year after the deal was won.
"""

from collections.abc import Iterable, Iterator

from google.protobuf.message import Message
from google.type.decimal_pb2 import Decimal
from prospectconnect.crm.v1.custom_records_pb2 import CustomRecord
from prospectconnect.crm.v1.deals_pb2 import Deal
from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.schema.v1.objects_pb2 import ObjectType

from deploy.demo.draws import day_of, drawn_id
from deploy.demo.scene import Scene
from deploy.demo.timeline import created
from services.clock import from_timestamp

SLUG = "licenses"
MOST = 400  # the latest plans that were sold

_TERM = 365  # days
_PLANS = ("starter", "team", "business", "enterprise")


def license_type(user_id: str) -> ObjectType:
    """The custom object, by the user who defined it."""
    return ObjectType(
        slug=SLUG,
        singular_label="License",
        plural_label="Licenses",
        description="A plan that a customer has bought, renewed each year.",
        open=True,
        created_by=user_id,
    )


def license_fields(user_id: str) -> list[pb.Field]:
    """The definitions of its fields, by the user who made them."""
    plans = [pb.FieldOption(value=each, label=each.capitalize()) for each in _PLANS]
    nothing = Decimal(value="0")
    made = [
        pb.Field(key="plan", type=pb.FIELD_TYPE_SELECT, label="Plan", options=plans),
        pb.Field(key="seats", type=pb.FIELD_TYPE_INTEGER, label="Seats", min=nothing),
        pb.Field(
            key="monthly_price",
            type=pb.FIELD_TYPE_DECIMAL,
            label="Price a month",
            min=nothing,
            decimals=2,
        ),
        pb.Field(key="renews_on", type=pb.FIELD_TYPE_DATE, label="Renews on"),
        pb.Field(
            key="company",
            type=pb.FIELD_TYPE_RECORD,
            label="Company",
            target="companies",
        ),
    ]
    for position, each in enumerate(made, start=1):
        each.object, each.position, each.created_by = SLUG, position, user_id
    return made


def licenses(scene: Scene, won: Iterable[Deal]) -> Iterator[Message]:
    """A license for each plan among the deals that were won, with its event."""
    for deal in won:
        product = deal.name.rpartition(": ")[2].lower()
        plan = next((each for each in _PLANS if each in product), None)
        if plan is not None and "seats" in deal.custom_fields:
            record = _license(scene, deal, plan)
            yield record
            yield from created(scene, record, record.created_by)


def _license(scene: Scene, deal: Deal, plan: str) -> CustomRecord:
    began = from_timestamp(deal.closed_at)
    renews = day_of(began, _TERM)
    record = CustomRecord(
        id=drawn_id(scene.random, "rec_", began),
        object=SLUG,
        name=deal.name,
        owner_id=deal.owner_id,
        created_by=deal.owner_id,
        created_at=deal.closed_at,
        updated_at=deal.closed_at,
    )
    fields = record.custom_fields
    fields["plan"], fields["seats"] = plan, deal.custom_fields["seats"]
    fields["renews_on"] = f"{renews.year:04}-{renews.month:02}-{renews.day:02}"
    if deal.HasField("value"):
        fields["monthly_price"] = round(float(deal.value.value) / 12, 2)
    if deal.company_id:
        fields["company"] = deal.company_id
    return record
