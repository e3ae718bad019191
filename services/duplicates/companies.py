"""The ways to duplicates of a company: domain, telephone and names."""

from collections.abc import Sequence
from typing import Any

from services.duplicates.likeness import is_free, phone_end, words
from services.duplicates.organizations import compare_organizations, read_organization
from services.duplicates.ways import Comparing, Equal, Keys, Near

# As the indexes of the migration 0020 have them.
_PHONE = '(phone_end(r.phone) COLLATE "C")'
_HOST = '(host_key(coalesce(r.domain, r.website)) COLLATE "C")'
_NAME = '(left(r.name_folded, 100) COLLATE "C")'
_BACK = '(reverse(right(r.name_folded, 100)) COLLATE "C")'

COLUMNS = (
    f"r.id, r.name_folded AS name, {_HOST} AS host, r.phone,"
    " fold(coalesce(r.city, '')) AS city, r.country"
)


def _keys(row: Any) -> Sequence[Keys]:
    """The keys of one company; further ones are its name in other orders of words."""
    folded, host = row["name"], row["host"] or ""
    who = {"id": row["id"], "name": folded}
    keys = who | {
        "host": "" if is_free(host) else host,
        "phone": phone_end(row["phone"] or ""),
        "called": folded[:100],
        "back": folded[-100:][::-1],
    }
    named = words(folded)
    if not 2 <= len(named) <= 4:
        return (keys,)
    turned = {" ".join((*named[1:], named[0])), " ".join((named[-1], *named[:-1]))}
    return (keys, *(who | {"called": each[:100]} for each in sorted(turned)))


COMPANIES = Comparing(
    columns=COLUMNS,
    name="r.name_folded",
    given=("name", "domain", "website", "phone", "city", "country"),
    made=", fold(coalesce(name, '')) AS name_folded",
    ways=(
        Equal("host", _HOST, of=" AND coalesce(r.domain, r.website) IS NOT NULL"),
        Equal("phone", _PHONE),
        Near("called", _NAME),
        Near("back", _BACK),
    ),
    names=("id", "name", "host", "phone", "called", "back"),
    read=read_organization,
    keys=_keys,
    compare=compare_organizations,
)
