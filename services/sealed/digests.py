"""Digests of addresses that nobody may read: whoever has an address can compare it.

Nobody computes an address from its digest without the key. A digest cannot be made anew
with another key, so each key that was ever used stays.
"""

DIGEST = "digest"  # the member of the column `external` that holds one


def digest_sql(key: str, address: str) -> str:
    """The SQL of an address's digest, by the SQL of the key and of the address.

    Nested as in HMAC, so a digest tells nothing of those of longer texts.
    """
    text = f"convert_to(lower({address}), 'UTF8')"
    return f"encode(sha256({key} || sha256({key} || {text})), 'hex')"
