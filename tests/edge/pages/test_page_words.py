"""What apps and tokens can do, in words: for every scope that there is."""

from prospectconnect.iam.v1.authorizations_pb2 import Ability
from prospectconnect.options.v1.options_pb2 import ConsentWords, RecordPolicy

from edge.account.scopes import in_words, is_limited, offers
from edge.pages.words import WORDS, groups, summary, words_of
from services.iam.oauth.app_scopes import APP_SCOPES
from services.roles import (
    ADMINISTERED,
    CHANGE,
    DEFAULT_ROLES,
    RESERVED,
    RESOURCES,
    SCOPES,
    actions_of,
    own_only,
    role_permissions,
)


def test_every_scope_has_words() -> None:
    every = [Ability(resource=r, action=a) for r in RESOURCES for a in actions_of(r)]
    shown = groups(every, refused=False)
    assert [len(group.lines) for group in shown] == [
        len(actions_of(r)) for r in RESOURCES
    ]
    assert len({line for group in shown for line in group.lines}) == len(every)
    assert not groups(every, refused=True)
    for scope in APP_SCOPES:
        assert len(summary([scope])) == 1


def test_a_record_has_words_from_its_plural_or_of_its_own() -> None:
    plain = RecordPolicy(resource="price_list", plural="price_lists")
    told = RecordPolicy(
        resource="note",
        plural="notes",
        place=1,
        consent=ConsentWords(title="Jottings", read="Read notes"),
    )
    others = RecordPolicy(resource="stage", plural="stages", permission_resource="deal")
    anybodys = RecordPolicy(resource="user", plural="users", any_token=True)
    made = words_of([plain, others, told, anybodys])
    assert list(made.items()) == [
        (
            "note",
            (
                "Jottings",
                {
                    "read": "Read notes",
                    "write": "Add notes and change them",
                    "delete": "Delete notes",
                },
            ),
        ),
        (
            "price_list",
            (
                "Price lists",
                {
                    "read": "See price lists",
                    "write": "Add price lists and change them",
                    "delete": "Delete price lists",
                },
            ),
        ),
    ]


def test_what_the_role_refuses_stands_apart() -> None:
    read = Ability(resource="contact", action="read", own_only=True)
    delete = Ability(
        resource="contact", action="delete", own_only=True, refused_by_role=True
    )
    (allowed,) = groups([read, delete], refused=False)
    (refused,) = groups([read, delete], refused=True)
    assert allowed.own_only
    assert not refused.own_only
    assert list(refused.lines) == ["Delete contacts"]


def test_a_summary_spells_all_out() -> None:
    assert summary(["deal.all", "contact.read", "contact.write"]) == [
        "Contacts: see, add and change",
        "Deals: see, add and change, delete",
    ]


def test_a_token_is_offered_every_scope_that_its_user_can_use() -> None:
    every = role_permissions("owner", DEFAULT_ROLES["owner"])
    offered = {c.scope for offer in offers(every, ()) for c in offer.choices}
    assert offered == every - {"token.delete"}, "which no operation asks for"
    assert offered <= SCOPES
    assert not is_limited(every)
    for scope in offered:
        assert len(in_words([scope])) == 1


def test_a_token_is_offered_no_more_than_a_role_has() -> None:
    grants = DEFAULT_ROLES["member"]
    member = offers(role_permissions("member", grants), own_only("member", grants))
    assert {offer.title for offer in member if offer.own_only} == {
        title
        for name, (title, _) in WORDS.items()
        if name not in ADMINISTERED | RESERVED and name != CHANGE
    }
    scopes = {choice.scope for offer in member for choice in offer.choices}
    assert "contact.write" in scopes
    assert "contact.delete" not in scopes
    assert is_limited(role_permissions("member", grants))
