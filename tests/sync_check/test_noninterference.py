"""Noninterference: what is secret is decided by the model, a clean server shows nothing of it, defects do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from sync_check import noninterference
from sync_check.conformance.judges.noninterference import NAME
from sync_check.harness.explorer.observers import Observer, Watched
from sync_check.harness.explorer.program import Program, Step, words
from sync_check.noninterference import OTHER_VALUES, REMOVED, Examined, Share, compare, examine
from sync_check.observing import play
from sync_check.reference_server import defects
from tests.sync_check.command import interrupted, one_sentence, sync_check_here, talking
from tests.sync_check.stops import AfterSome

PLACE = {"guild_id": "$g", "channel_id": "$c1"}
TEXT = {"content": "~text"}


def _step(by: str, do: str, args: Mapping[str, Any], makes: str | None = None) -> Step:
    return Step(by=by, do=do, args=args, makes=makes)


def _override(kind: str, target: str, *, allow: Sequence[str] = (), deny: Sequence[str] = ()) -> Step:
    args = {**PLACE, "target_kind": kind, "target_id": target, "allow": list(allow), "deny": list(deny)}
    return _step("u0", "override_permission", args)


HIDE = _override("role", "$everyone", deny=("create_message",))
POST = _step("u0", "create_message", {**PLACE, **TEXT}, "m")
LOOK = _step("u1", "list_channels", {"guild_id": "$g"})


def _watched(*steps: Step, name: str = "u1", observer: Observer = Observer.SHUT_OUT) -> Watched:
    program = Program(members=4, strangers=1, channels=2, steps=steps)
    return Watched(program=program, observer=observer, name=name)


def _secret(watched: Watched) -> set[int]:
    return set(play(watched, watched.program.steps, 1).secrecy.secret())


def test_what_happens_in_a_hidden_channel_is_secret() -> None:
    edit = _step("u0", "edit_message", {**PLACE, "message_id": "$m", "content": "~again"})
    rename = _step("u0", "update_channel", {**PLACE, "channel_name": "~other"})
    insider = _override("member", "$u2", allow=("create_message",))
    assert _secret(_watched(HIDE, POST, edit, rename, insider, LOOK)) == {1, 2, 3, 4}


def test_what_the_observer_may_read_later_is_not() -> None:
    let_in = _override("member", "$u1", allow=("create_message",))
    assert _secret(_watched(HIDE, POST, let_in)) == set()


def test_nothing_of_an_open_channel_is_secret_but_what_is_refused_and_read() -> None:
    history = _step("u2", "history", PLACE)
    kick = _step("u2", "kick_member", {"guild_id": "$g", "user_id": "$u3"})
    assert _secret(_watched(POST, history, kick)) == {1, 2}


def test_other_peoples_friendships_are_secret_and_own_ones_are_not() -> None:
    ask = [_step("u0", "request_friend", {"recipient_user_id": f"${one}"}, one * 2) for one in ("u2", "u1")]
    accept = _step("u2", "accept_friend", {"request_id": "$u2u2"})
    assert _secret(_watched(*ask, accept)) == {0, 2}


def test_a_stranger_may_know_nothing_of_a_guild_and_a_member_of_its_managers_no_bans_of_addresses() -> None:
    role = _step("u0", "create_role", {"guild_id": "$g", "role_name": "r", "permissions": []})
    ban = _step("u0", "ban_addresses_of", {"guild_id": "$g", "target_user_id": "$u3", "reason": "~rude"})
    subscribe = _step("u2", "subscribe", {"channel_id": "$c0"})
    profile = _step("u0", "update_profile", {"about_markdown": "hello"})
    steps = (role, ban, subscribe, profile)
    assert _secret(_watched(*steps, name="s0")) == {0, 1, 2}
    assert _secret(_watched(*steps)) == {1}


def test_a_former_member_may_know_nothing_since() -> None:
    kick = _step("u0", "kick_member", {"guild_id": "$g", "user_id": "$u1"})
    assert _secret(_watched(POST, kick, POST)) == {2}


def test_who_reads_the_audit_log_may_know_what_is_in_it() -> None:
    promote = _step("u0", "change_member_role", {"guild_id": "$g", "user_id": "$u1", "role": "moderator"})
    voice = _step("u0", "issue_voice_token", PLACE)
    assert _secret(_watched(HIDE, voice, POST)) == {1, 2}
    assert _secret(_watched(promote, HIDE, voice, POST)) == {3}


def test_leaving_out_a_step_shifts_nothing_else() -> None:
    watched = _watched(HIDE, POST, LOOK, _step("u0", "update_guild", {"guild_id": "$g", "guild_name": "~x"}))
    steps = watched.program.steps
    whole, less = play(watched, steps, 1), play(watched, [steps[0], None, *steps[2:]], 1)
    assert whole.observed == less.observed
    assert len(whole.ledger.calls) == len(less.ledger.calls) + 1


def test_a_header_that_counts_hidden_messages_is_a_difference() -> None:
    watched = _watched(HIDE, POST, LOOK)
    assert compare(watched, 1).finding is None
    finding = compare(watched, 1, defect="hidden-messages-counted").finding
    assert finding is not None
    assert (finding.judge, finding.requirement, finding.scenario) == (NAME, "LEAK-READ-1", f"{NAME}/shut-out")
    assert REMOVED in finding.message
    assert finding.cause is not None
    assert finding.cause.startswith("create_message by")


def test_the_cause_is_what_makes_the_difference_alone() -> None:
    renamed = _step("u0", "update_channel", {**PLACE, "channel_name": "~hidden"})
    seen = _step("u0", "create_message", {"guild_id": "$g", "channel_id": "$c0", **TEXT})
    watched = _watched(HIDE, renamed, POST, seen, LOOK)
    finding = compare(watched, 1, defect="padded-by-hidden-names").finding
    assert finding is not None
    assert OTHER_VALUES in finding.message
    assert finding.cause is not None
    assert finding.cause.startswith("update_channel by ana (op ")
    assert finding.cause.endswith(f", {words(renamed)}")
    kind = finding.scenario, finding.requirement, finding.event
    again = compare(watched, 1, defect="padded-by-hidden-names", known={kind}).finding
    assert again == replace(finding, cause=None)


def test_where_nothing_makes_it_alone_the_last_secret_operation_may_be_the_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(noninterference, "_SUSPECTS", 0)
    finding = compare(_watched(HIDE, POST, LOOK), 1, defect="hidden-messages-counted").finding
    assert finding is not None
    assert finding.cause is not None
    assert finding.cause.startswith("perhaps create_message by ")
    assert finding.cause.endswith(", the last secret operation before it")


def test_what_should_look_otherwise_is_not_compared() -> None:
    """A ban of an address keeps somebody else out, and that they do not come is told to members."""
    steps = (
        _step("u0", "update_guild", {"guild_id": "$g", "visibility": "public"}),
        _step("s0", "join_guild", {"guild_id": "$g"}),
        _step("u0", "ban_addresses_of", {"guild_id": "$g", "target_user_id": "$s0"}),
        _step("s0", "subscribe", {"channel_id": "$c0"}),
        LOOK,
    )
    compared = compare(_watched(*steps), 1)
    assert (compared.finding, compared.incomparable) == (None, 1)


def test_a_ban_of_somebody_who_is_present_is_no_secret_to_members() -> None:
    ban = _step("u0", "ban_addresses_of", {"guild_id": "$g", "target_user_id": "$s0"})
    steps = (
        _step("u0", "update_guild", {"guild_id": "$g", "visibility": "public"}),
        _step("s0", "join_guild", {"guild_id": "$g"}),
        _step("s0", "subscribe", {"channel_id": "$c0"}),
        ban,
        LOOK,
    )
    assert steps.index(ban) not in _secret(_watched(*steps))
    assert compare(_watched(*steps), 1).finding is None


def test_a_clean_server_shows_no_difference() -> None:
    examined = examine(Share(seed=7, programs=5, steps=10))
    assert not examined.findings
    assert (examined.programs, examined.incomparable) == (5, 0)
    assert examined.removed
    assert examined.changed


def test_which_programs_there_are_does_not_depend_on_the_shares() -> None:
    whole = Share(seed=7, programs=2, steps=6)
    parts = Examined()
    for first in range(2):
        parts.add(examine(replace(whole, first=first, programs=1)))
    assert parts == examine(whole)
    assert parts != examine(replace(whole, seed=8))


def test_nothing_is_compared_any_more_when_somebody_says_stop() -> None:
    assert examine(Share(seed=7, programs=5, steps=6), AfterSome(2)).programs == 2


def test_the_table_names_the_judge() -> None:
    assert defects.NONINTERFERENCE == NAME


def test_the_command_is_red_at_a_difference_and_green_without() -> None:
    words = ("noninterference", "--programs", "1", "--steps", "5")
    red = sync_check_here(*words, "--defect", "events-numbered")
    assert red.code == 1
    assert "FAIL  safety  LEAK-READ-1" in red.out
    assert "exit code 1" in red.out
    green = sync_check_here(*words)
    assert green.code == 0
    assert "no difference" in green.out


def test_an_interrupted_comparison_says_how_far_it_came() -> None:
    words = ("noninterference", "--programs", "5000", "--steps", "5", "--defect", "events-numbered")
    with talking(*words) as (command, said):
        assert any(line.startswith("FAIL  safety") for line in iter(said.readline, ""))
        last = interrupted(command, said)
    assert " of 5000 programs, " in last
    assert " of difference" in last


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--programs", "0"), "--programs 0 is out of range: give 1 to"),
        (("--steps", "many"), "--steps 'many' is no whole number: give 1 to"),
        (("--seed", "x"), "--seed 'x' is no whole number"),
        (("--jobs", "65"), "--jobs 65 is out of range: give 1 to 64"),
        (("--defect", "none"), "--defect 'none' names no defect"),
    ],
)
def test_bad_values_get_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    ran = sync_check_here("noninterference", *words)
    assert ran.code == 2
    assert one_sentence(ran.err).removeprefix("sync-check: ").startswith(sentence)
