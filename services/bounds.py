"""Bounds: how much a tenant may have of something.

A bound stands beside the code that enforces it. That code and `GET /limits` take both
the maximum and the count from it, so they cannot differ.
"""

from dataclasses import dataclass

from prospectconnect.iam.v1.limits_pb2 import LimitHolder, LimitName


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that each of its holders may have.

    `used` is SQL that selects rows of (object, number), for the tenant $1 and its user
    $2. The object is null unless objects are the holders; of those, one that uses
    nothing may be missing.
    """

    name: LimitName.ValueType
    per: LimitHolder.ValueType
    most: int
    used: str
