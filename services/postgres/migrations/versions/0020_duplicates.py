"""The keys by which probable duplicates of contacts and companies are found.

Names are read along their order, so that those with typing errors stand near each
other; of companies also backwards. Telephone numbers are found by their last digits,
which have no country prefix.
"""

from alembic import op

revision = "0020"
down_revision = "0019"

# They call no function of ours: PostgreSQL finds none while it maintains an index.
FUNCTIONS = {
    # The last seven digits of a telephone number without its extension.
    "phone_end(value text)": """
    substring(regexp_replace(split_part(translate(value, 'X#', 'xx'), 'x', 1),
      '[^0-9]', '', 'g') FROM '[0-9]{7}$')
    """,
    # The host of an address, or a host itself, without `www.`.
    "host_key(value text)": r"""
    left(substring(lower(value) FROM '^(?\:https?\://)?(?\:www\.)?([^/\:?#]+)'), 255)
    """,
}

# A name is cut, as an index holds no more than 2,704 bytes.
PERSON = (
    "(left(fold(coalesce(last_name, '') || ' ' || coalesce(first_name, '')), 100)"
    ' COLLATE "C")'
)

# The columns of the indexes, by table and name, and the condition of their records.
INDEXES = {
    "contacts": {
        "phone_end": ('(phone_end(phone) COLLATE "C")', "phone IS NOT NULL"),
        "person": (f"{PERSON}, id", "true"),
        # Without a condition on the company: a search for contacts with one, which is
        # true of all that are in such an index, would not be seen to use it.
        "colleague": (f"company_id, {PERSON}, id", "true"),
    },
    "companies": {
        "phone_end": ('(phone_end(phone) COLLATE "C")', "phone IS NOT NULL"),
        "host": (
            '(host_key(coalesce(domain, website)) COLLATE "C")',
            "coalesce(domain, website) IS NOT NULL",
        ),
        "called": ('(left(name_folded, 100) COLLATE "C"), id', "true"),
        "called_back": ('(reverse(right(name_folded, 100)) COLLATE "C"), id', "true"),
    },
}


def upgrade() -> None:
    for signature, expression in FUNCTIONS.items():
        op.execute(
            f"CREATE OR REPLACE FUNCTION {signature} RETURNS text LANGUAGE plpgsql"
            f" IMMUTABLE STRICT PARALLEL SAFE AS $$ BEGIN RETURN {expression}; END $$"
        )
    # This commits: what comes before may run again, should an index not get ready.
    with op.get_context().autocommit_block():
        for table, indexes in INDEXES.items():
            for key, (columns, told_by) in indexes.items():
                name = f"{table}_{key}"
                op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                op.execute(
                    f"CREATE INDEX CONCURRENTLY {name} ON {table}"
                    f" (business_id, {columns}) WHERE deleted_at IS NULL AND {told_by}"
                )
