"""What a server may do with a `message_create` by command."""

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import CreateMessage
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
    assert of(actor, command) == Prospect(carried_out=False, refused=True, requirement=requirement)


def test_a_content_may_be_as_long_as_the_target_says() -> None:
    assert not is_malformed(asked(content="x" * 2000), Limits())
    assert is_malformed(asked(content="x" * 2000), Limits(message_bytes=1999))
