"""Steps about people."""

from sync_check.harness.explorer.kinds.people import not_theirs
from tests.harness.explorer.dice import assert_sound, drawn


def test_a_request_is_answered_by_who_is_no_party_to_any() -> None:
    programs = drawn(not_theirs)
    assert_sound(programs)
    for program in programs:
        first, second, answer = program.steps
        parties = {first.by, second.by, *(str(one.args["recipient_user_id"])[1:] for one in (first, second))}
        assert len(parties) == 3
        assert answer.by not in parties
        assert answer.args == {"request_id": f"${first.makes}"}
    assert {program.steps[2].do for program in programs} == {"accept_friend", "delete_friend_request"}
