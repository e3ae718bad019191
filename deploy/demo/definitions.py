"""The fields that the demonstration tenant has defined for its companies."""

from collections.abc import Iterable

from prospectconnect.schema.v1 import fields_pb2 as pb

from deploy.demo.companies import SEGMENTS


def fields(user_id: str) -> list[pb.Field]:
    """The definitions, by the user who made them."""
    return [
        pb.Field(
            object="companies",
            key="segment",
            type=pb.FIELD_TYPE_SELECT,
            label="Segment",
            description="By how many people work there.",
            group="Market",
            position=1,
            options=_options(SEGMENTS),
            created_by=user_id,
        ),
        pb.Field(
            object="companies",
            key="locations",
            type=pb.FIELD_TYPE_INTEGER,
            label="Locations",
            group="Market",
            position=2,
            created_by=user_id,
        ),
        pb.Field(
            object="companies",
            key="people_per_location",
            type=pb.FIELD_TYPE_FORMULA,
            label="People per location",
            description="How many people work at each of its locations.",
            group="Market",
            position=3,
            expression="employee_count / custom_fields.locations",
            result=pb.FIELD_RESULT_NUMBER,
            decimals=1,
            created_by=user_id,
        ),
        pb.Field(
            object="companies",
            key="credit_limit",
            type=pb.FIELD_TYPE_INTEGER,
            label="Credit limit",
            description="What the company may owe us.",
            group="Accounting",
            position=4,
            sensitive=True,
            readable_by=["manager"],
            created_by=user_id,
        ),
    ]


def _options(values: Iterable[str]) -> list[pb.FieldOption]:
    """Options with the labels that their values suggest."""
    return [
        pb.FieldOption(value=each, label=each.replace("_", " ").capitalize())
        for each in values
    ]
