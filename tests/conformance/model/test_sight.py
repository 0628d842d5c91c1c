"""What one user may know of a world."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.model.address_bans import IpBans
from sync_check.conformance.model.addresses import parsed_address
from sync_check.conformance.model.audit_trail import AuditRow, AuditTrail
from sync_check.conformance.model.participants import Participant, Voice
from sync_check.conformance.model.sight import Sights
from sync_check.conformance.model.world import Attachment, Channel, Guild, Message, Override, Person, World

SIGHTS = Sights(("messages", "attachments", "voice"))
HIDDEN = {"member": Override(deny=frozenset({"create_message"}))}
GUILD = Guild(
    guild_id="g",
    name="room",
    visibility="private",
    members={"olga": "owner", "mona": "moderator", "ben": "member"},
    channels={one: Channel(channel_id=one, name=f"name of {one}", kind="text") for one in ("open", "shut")},
    overrides={"shut": {"@everyone": Override(deny=frozenset({"create_message"}))}},
)
PEOPLE = {one: Person(user_id=one, username=one) for one in ("olga", "mona", "ben", "eve")}
WORLD = World(people=PEOPLE, guilds={"g": GUILD})


def _with_message(channel: str) -> World:
    message = Message(message_id="m", author_id="olga", content="text", created_at_unix=1)
    return WORLD.with_messages(channel, {"m": message})


def _with_file(channel: str) -> World:
    file = Attachment(
        attachment_id="a",
        guild_id="g",
        channel_id=channel,
        owner_id="olga",
        filename="f",
        mime_type="image/png",
        data=b"x",
    )
    return replace(WORLD, attachments={"a": file})


def _with_voice(channel: str) -> World:
    one = Participant(user_id="olga", guild_id="g", channel_id=channel, identity="i")
    return replace(WORLD, voice=Voice(participants={"olga": one}))


def _with_guild(**changes: Any) -> World:
    return WORLD.with_guild(replace(GUILD, **changes))


def _audited() -> World:
    row = AuditRow(
        actions=frozenset({"member.kick"}), actor_id="olga", target_id="ben", asked_at=1, answered_at=2
    )
    return replace(WORLD, audit={"g": AuditTrail(row)})


def _banned() -> World:
    address = parsed_address("192.0.2.1")
    ban = IpBans(source_id="eve", ban_ids=frozenset({"b"}), addresses=frozenset({address}))
    return _with_guild(ip_bans=(ban,))


CASES: dict[str, tuple[World, set[str]]] = {
    "an open message": (_with_message("open"), {"olga", "mona", "ben"}),
    "a hidden message": (_with_message("shut"), {"olga"}),
    "an open file": (_with_file("open"), {"olga", "mona", "ben"}),
    "a hidden file": (_with_file("shut"), {"olga"}),
    "an open voice channel": (_with_voice("open"), {"olga", "mona", "ben"}),
    "a hidden voice channel": (_with_voice("shut"), {"olga"}),
    "a member": (_with_guild(members={**GUILD.members, "eve": "member"}), {"olga", "mona", "ben", "eve"}),
    "a default role": (_with_guild(default_role="member"), {"olga", "mona", "ben"}),
    "a public guild": (_with_guild(visibility="public"), {"olga", "mona", "ben", "eve"}),
    "a private guild's name": (_with_guild(name="other"), {"olga", "mona", "ben"}),
    "an audit row": (_audited(), {"olga", "mona"}),
    "a ban of eve": (_with_guild(banned=frozenset({"eve"})), {"eve"}),
    "an IP ban": (_banned(), {"olga", "mona"}),
    "an override in the open": (
        _with_guild(overrides={**GUILD.overrides, "open": HIDDEN}),
        {"olga", "mona", "ben"},
    ),
    "a profile": (
        WORLD.with_person(replace(PEOPLE["ben"], about_markdown="hello")),
        {"olga", "mona", "ben", "eve"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_who_may_know_of_what(case: str) -> None:
    world, knowing = CASES[case]
    # Eve alone calls from nowhere near the banned address, the others' addresses are known as well.
    at = parsed_address("198.51.100.1")
    changed = {user for user in PEOPLE if SIGHTS.of(WORLD, user, at) != SIGHTS.of(world, user, at)}
    assert changed == knowing


def test_who_is_banned_by_address_may_know_it() -> None:
    address = parsed_address("192.0.2.1")
    assert SIGHTS.of(_banned(), "eve", address) != SIGHTS.of(WORLD, "eve", address)


def test_a_sight_is_json() -> None:
    assert "guild/g" in json.loads(SIGHTS.of(WORLD, "ben"))
