"""Steps at the border of what belongs to whom."""

from typing import Any

from sync_check.harness.explorer.kinds.borders import banned_addresses, borders, records, shut_out
from sync_check.harness.explorer.program import Program
from tests.harness.explorer.dice import assert_sound, done, drawn


def _only(program: Program, *names: str) -> list[dict[str, Any]]:
    return [{"by": step.by, "makes": step.makes, **step.args} for step in program.steps if step.do in names]


def test_a_message_is_asked_for_through_another_channel_by_its_author() -> None:
    programs = drawn(borders)
    assert_sound(programs)
    asked = 0
    for program in programs:
        written = next(iter(_only(program, "create_message")), None)
        for one in _only(program, "edit_message", "delete_message"):
            assert written is not None
            assert one["message_id"] == f"${written['makes']}"
            assert (one["by"], one["channel_id"]) != (written["by"], written["channel_id"])
            assert one["by"] == written["by"]
            asked += 1
    assert asked


def test_where_there_is_one_channel_another_is_made() -> None:
    programs = drawn(borders, channels=1)
    assert_sound(programs)
    assert "create_channel" in done(programs)


def test_somebody_else_takes_a_reaction_back() -> None:
    pairs = [_only(program, "add_reaction", "remove_reaction") for program in drawn(borders)]
    found = [pair for pair in pairs if len(pair) == 2]
    assert found
    assert all(added["by"] != removed["by"] for added, removed in found)


def test_what_is_audited_is_read() -> None:
    programs = drawn(records)
    assert_sound(programs)
    assert all(program.steps[-1].do == "read_audit" for program in programs)
    assert {"change_member_role", "kick_member", "create_guild"} < done(programs)


def test_who_was_banned_asks_to_join() -> None:
    programs = drawn(shut_out)
    assert_sound(programs)
    for program in programs:
        (ban,), (join, *_) = _only(program, "ban_member"), _only(program, "join_guild")
        assert ban["user_id"] == f"${join['by']}"


def test_whose_address_is_banned_tries_what_is_refused_from_there() -> None:
    programs = drawn(banned_addresses)
    assert_sound(programs)
    assert {"ban_addresses_of", "add_reaction", "search", "history", "remove_ip_ban"} < done(programs)
