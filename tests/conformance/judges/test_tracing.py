"""A finding leads to the target's log, also where it names no operation."""

from sync_check.server_log import requests_of
from tests.conformance.histories import only, user
from tests.conformance.stories import Story


def test_a_call_is_told_with_method_and_path_and_what_is_not_in_it() -> None:
    story = Story()
    note = story.post("ben", "first")
    op = story.edit("ben", note, "second", to=[story.ana, story.ben])
    story.close_scenario()
    asked, *_ = only(story.result()).excerpt
    path = f"/guilds/{story.guild}/channels/{story.channel}/messages/{note}"
    assert asked.text == f'edit_message {{"content":"second"}} (PATCH {path}, op {op}, request r{op})'


def test_a_frame_without_a_cause_shows_how_its_connection_was_opened_and_what_was_done_last() -> None:
    story = Story()
    story.post("ana", "first")
    last = story.last_op
    present = {"guild_id": story.guild, "user_id": user("ben"), "status": "online"}
    story.frame(story.eve, "presence_update", present)
    story.close_scenario()
    finding = next(one for one in story.result().findings if one.client == "eve#1")
    assert finding.cause is None
    opened, before, received = finding.excerpt
    assert opened.text == f"connected (connection {story.eve}, request u{story.eve})"
    assert (opened.who, opened.record, before.record) == ("eve#1", None, None)
    assert before.text.startswith('last before: create_message {"content":"first"} (POST /guilds/')
    assert received.text.startswith("received ")
    assert set(requests_of([finding])) == {f"u{story.eve}", f"r{last}"}
