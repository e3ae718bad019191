"""Types of association: which records can be connected, and how many with one.

A type follows a link field of records, or its associations are stored. The built-in
types are those of every tenant.
"""

from dataclasses import dataclass

from prospectconnect.schema.v1.association_types_pb2 import (
    CARDINALITY_MANY_TO_MANY,
    CARDINALITY_MANY_TO_ONE,
    Cardinality,
)


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One type. Its objects are named by their slugs.

    `link_field` is the field of the `from_object` that the type follows, "" if its
    associations are stored. `acyclic`: no record may lead to itself through others.
    """

    key: str
    from_object: str
    to_object: str
    cardinality: Cardinality.ValueType
    archived: bool = False
    link_field: str = ""
    acyclic: bool = False
    label: str = ""
    inverse_label: str = ""


BUILT_IN = {
    each.key: each
    for each in (
        AssociationType(
            key="contact_company",
            from_object="contacts",
            to_object="companies",
            cardinality=CARDINALITY_MANY_TO_ONE,
            link_field="company_id",
            label="Company",
            inverse_label="Contacts",
        ),
        AssociationType(
            key="deal_contact",
            from_object="deals",
            to_object="contacts",
            cardinality=CARDINALITY_MANY_TO_ONE,
            link_field="contact_id",
            label="Contact",
            inverse_label="Deals",
        ),
        AssociationType(
            key="deal_company",
            from_object="deals",
            to_object="companies",
            cardinality=CARDINALITY_MANY_TO_ONE,
            link_field="company_id",
            label="Company",
            inverse_label="Deals",
        ),
        AssociationType(
            key="deal_contacts",
            from_object="deals",
            to_object="contacts",
            cardinality=CARDINALITY_MANY_TO_MANY,
            label="Other contacts",
            inverse_label="Other deals",
        ),
        AssociationType(
            key="company_parent",
            from_object="companies",
            to_object="companies",
            cardinality=CARDINALITY_MANY_TO_ONE,
            acyclic=True,
            label="Parent company",
            inverse_label="Subsidiaries",
        ),
    )
}
