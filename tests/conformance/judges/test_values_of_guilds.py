"""A new guild has no channel (GUILD-1)."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.run import ScenarioResult
from tests.conformance.histories import found
from tests.conformance.stories import Story

GENERAL = {"channel_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "name": "general", "kind": "text"}
VOICE = {"channel_id": "01ARZ3NDEKTSV4RRFFQ69G5FAW", "name": "lounge", "kind": "voice"}


def founded(*channels: dict[str, Any], made: dict[str, Any] | None = None) -> ScenarioResult:
    """Eve founds a guild, may make a channel there, and lists what it has."""
    story = Story()
    guild_id = story.id()
    guild = {"guild_id": guild_id, "name": "fresh", "visibility": "private"}
    story.call("eve", ops.CreateGuild(guild_name="fresh"), body=guild)
    if made is not None:
        story.call("eve", ops.CreateChannel(guild_id=guild_id, channel_name=made["name"]), body=made)
    story.call("eve", ops.ListChannels(guild_id=guild_id), body={"channels": list(channels)})
    story.end()
    return story.result()


def test_a_new_guild_has_no_channel() -> None:
    result = founded()
    assert (found(result), result.witnesses["GUILD-1"]) == ([], 1)


@pytest.mark.parametrize("channels", [(GENERAL,), (VOICE,), (GENERAL, VOICE)])
def test_a_new_guild_has_channels(channels: tuple[dict[str, Any], ...]) -> None:
    result = founded(*channels)
    assert found(result) == [("answers", "GUILD-1", "eve")]
    assert "GUILD-1" not in result.witnesses


def test_a_guild_with_a_channel_shows_nothing_of_how_it_began() -> None:
    right, wrong = founded(GENERAL, made=GENERAL), founded(GENERAL, VOICE, made=GENERAL)
    assert (found(right), "GUILD-1" in right.witnesses) == ([], False)
    assert found(wrong) == [("answers", "CHAN-1", "eve")]
