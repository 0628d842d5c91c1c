"""What a server may do with a `message_create` by command."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import CreateMessage
from sync_check.conformance.model.address_bans import IpBans
from sync_check.conformance.model.addresses import parsed_address
from sync_check.conformance.model.commands import Prospect, is_malformed, prospect
from sync_check.conformance.model.transitions import Situation
from sync_check.conformance.model.world import Channel, Guild, World
from tests.conformance.histories import ulid

GUILD, CHANNEL, UNKNOWN, ANA, EVE = (ulid(number) for number in range(1, 6))
WORLD = World().with_guild(
    Guild(
        guild_id=GUILD,
        name="room",
        visibility="private",
        members={ANA: "member"},
        channels={CHANNEL: Channel(channel_id=CHANNEL, name="general", kind="text")},
    )
)


def asked(channel_id: str = CHANNEL, content: str = "hello", files: list[str] | None = None) -> CreateMessage:
    return CreateMessage(guild_id=GUILD, channel_id=channel_id, content=content, attachment_ids=files)


def of(actor: str, command: CreateMessage) -> Prospect:
    return prospect(Situation(world=WORLD, actor=actor), command)


def test_whoever_has_access_may_speak() -> None:
    future = of(ANA, asked())
    assert (future.carried_out, future.refused) == (True, False)


@pytest.mark.parametrize(
    ("actor", "command", "requirement"),
    [
        (EVE, asked(), "BAD-7"),
        (ANA, asked(channel_id=UNKNOWN), "BAD-7"),
        (ANA, asked(files=[UNKNOWN]), "BAD-7"),
        (ANA, asked(content=""), "BAD-5"),
        (ANA, asked(content="é" * 1001), "BAD-5"),
        (ANA, asked(channel_id="general"), "BAD-5"),
        (ANA, asked(files=[UNKNOWN] * 6), "BAD-5"),
        # The payload is judged before it is carried out (contract 3.2).
        (EVE, asked(content=""), "BAD-5"),
    ],
)
def test_anything_else_ends_the_connection(actor: str, command: CreateMessage, requirement: str) -> None:
    assert of(actor, command) == Prospect(
        carried_out=False, refused=True, requirement=requirement, reasons=frozenset((requirement,))
    )


@pytest.mark.parametrize(
    ("actor", "channel_id", "expires_in_secs", "reasons"),
    [
        (EVE, CHANNEL, None, {"IPBAN-2"}),  # for certain, which comes before anything else
        (ANA, CHANNEL, 30, {"IPBAN-2"}),  # it may have ended by then
        (ANA, UNKNOWN, 30, {"IPBAN-2", "BAD-7"}),
        (EVE, CHANNEL, 30, {"IPBAN-2", "BAD-7"}),  # who is no member is answered alike in both cases
        (ANA, UNKNOWN, 5, {"BAD-7"}),  # it has ended
        (ANA, CHANNEL, 5, set()),
    ],
)
def test_from_an_address_that_may_be_banned_both_may_be_why_a_command_is_refused(
    actor: str, channel_id: str, expires_in_secs: int | None, reasons: set[str]
) -> None:
    here = parsed_address("192.0.2.1")
    bans = IpBans(
        source_id=EVE,
        ban_ids=frozenset((UNKNOWN,)),
        addresses=frozenset((here,)),
        expires_in_secs=expires_in_secs,
        asked_at=0,
        answered_at=0,
    )
    world = WORLD.with_guild(replace(WORLD.guilds[GUILD], ip_bans=(bans,)))
    situation = Situation(world=world, actor=actor, address=here, asked_at=20_000_000, answered_at=40_000_000)
    assert prospect(situation, asked(channel_id=channel_id)).reasons == reasons


def test_a_content_may_be_as_long_as_the_target_says() -> None:
    assert not is_malformed(asked(content="x" * 2000), Limits())
    assert is_malformed(asked(content="x" * 2000), Limits(message_bytes=1999))
