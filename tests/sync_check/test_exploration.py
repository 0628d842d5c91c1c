"""Exploring: a clean server is clean, a defect is found and made small, and a flake is told from a fault."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sync_check import exploration
from sync_check.cli import app, exploring, minimised
from sync_check.conformance.contract.features import ALL_FEATURES, Feature
from sync_check.conformance.repetition import combined
from sync_check.conformance.run import RunFinished
from sync_check.conformance.verdict import Finding, Verdict
from sync_check.exploration import Explored, Ground, Hit, Kind, Share, distinct, explore, play, red
from sync_check.harness.client import Client, Connection
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.fence import Fence
from sync_check.harness.room import Place
from sync_check.harness.target import Target
from sync_check.minimising import Small, drawn, smaller
from tests.sync_check.command import interrupted, serving, talking
from tests.sync_check.stops import AfterSome

RAISED = ("requests_per_minute", "auth_requests_per_minute")
POST = Step(by="u0", do="create_message", args={"guild_id": "$g", "channel_id": "$c0", "content": "~x"})
ONE_POST = Program(members=2, strangers=1, channels=1, steps=(POST,))


def _share(ground: Ground, programs: int) -> Share:
    return Share(ground=ground, seed=1, programs=programs, steps=20)


def test_nothing_is_found_of_a_clean_server() -> None:
    explored = explore(_share(Ground(), 2))
    assert (explored.played, explored.hits, explored.faults) == (2, (), ())


_LEAKING = Ground(defect="guild-event-to-stranger")


@cache
def _leak() -> tuple[Hit, Finding]:
    """The first that is found of the defect."""
    return next(distinct([explore(_share(_LEAKING, 1))]))


def test_a_defect_is_found_and_made_small() -> None:
    hit, finding = _leak()
    small = smaller(hit, finding, _LEAKING)
    assert Kind.of(small.finding) == Kind.of(finding)
    assert len(small.program.steps) <= 6 < len(hit.program.steps)
    assert Kind.of(finding) in map(Kind.of, red(play(small.program, small.seed, _LEAKING).results[0]))
    assert play(small.program, small.seed, Ground()).results[0].verdict is Verdict.PASS


@pytest.mark.parametrize("seed", range(6))
def test_users_are_named_in_the_order_of_their_numbers(seed: int) -> None:
    leave = Step(by="u2", do="leave_guild", args={"guild_id": "$g"})
    program = Program(members=4, strangers=0, channels=1, steps=(leave, POST))
    found = red(play(program, seed, Ground(defect="kick-keeps-stream")).results[0])
    assert {one.client for one in found if one.requirement == "ACCESS-3"} == {"cleo#1"}


@pytest.mark.parametrize(
    ("option", "text"), [("--programs", "0"), ("--steps", "many"), ("--jobs", "65"), ("--save", "")]
)
def test_bad_values_are_named(option: str, text: str) -> None:
    result = CliRunner().invoke(app, ["explore", option, text])
    assert result.exit_code == 2
    assert option in result.stderr


KICKED = Program(
    members=2,
    strangers=0,
    channels=1,
    steps=(
        Step(by="u0", do="kick_member", args={"guild_id": "$g", "user_id": "$u1"}),
        Step(by="u0", do="update_guild", args={"guild_id": "$g", "guild_name": "after"}),
    ),
)


@cache
def _of_kicked() -> tuple[Finding, ...]:
    """What is found where whoever was kicked goes on to hear of the guild."""
    return red(play(KICKED, 1, Ground(defect="kick-keeps-stream"), sweeps=False).results[0])


def test_what_led_to_a_finding_is_told_from_its_own_history() -> None:
    ground = Ground(defect="kick-keeps-stream")
    leak = next(finding for finding in _of_kicked() if finding.event == "workspace_update")
    small = Small(program=KICKED, seed=1, finding=leak)
    told = drawn(small, ground, sweeps=False)
    assert told is not None
    finding, cone = told
    assert finding == leak
    assert [(step.part, step.lane, step.text.partition("(")[0]) for step in cone.steps] == [
        ("context", "ana", "create_guild"),
        ("context", "ana", "add_member"),
        ("context", "ben#1", "connect"),
        ("context", "ben#1", "subscribe"),
        ("cause", "ana", "kick_member"),
        ("cause", "ana", "200"),
        ("cause", "ana", "update_guild"),
        ("cause", "ben#1", "workspace_member_remove"),
        ("bad", "ben#1", "workspace_update"),
        ("cause", "ana", "200"),
    ]
    assert drawn(small, ground, sweeps=False) == told
    assert drawn(small, Ground(), sweeps=False) is None


def test_a_program_does_not_depend_on_how_they_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[tuple[Program, int]] = []

    def note(program: Program, number: int, ground: Ground, **_: Any) -> RunFinished:
        played.append((program, number))
        return nothing_found

    nothing_found = play(ONE_POST, 1, Ground())
    monkeypatch.setattr(exploration, "play", note)
    explore(_share(Ground(), 4))
    whole, played = played, []
    for first in (2, 0):
        explore(replace(_share(Ground(), 2), first=first))
    assert whole == [*played[2:], *played[:2]]
    assert len({program.model_dump_json() for program, _ in whole}) == 4


def test_one_fault_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _of_kicked()
    assert len(found) > 1
    hit = Hit(program=KICKED, seed=1, sweeps=False, findings=found)
    explored = Explored(played=1, undecided=0, steps=2, hits=(hit,), faults=())
    monkeypatch.setattr(exploring, "explore", lambda _share, _stop: explored)
    words = ["explore", "--programs", "1", "--defect", "kick-keeps-stream", "--save", str(tmp_path)]
    told = CliRunner().invoke(app, words).stdout
    (kept,) = tmp_path.glob("*.json")
    assert f"sync-check replay {kept}" in told
    assert told.count("\n      program ") == 1
    assert told.count("\n      also ") == len(found) - 1
    assert told.splitlines()[-1].endswith(f" {len(found)} kinds of findings · exit code 1")


def test_what_was_played_until_somebody_says_stop_counts() -> None:
    assert explore(_share(Ground(), 10), AfterSome(3)).played == 2


def test_a_share_that_comes_after_somebody_said_stop_is_not_even_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exploration, "programs", lambda **_: pytest.fail("drawn all the same"))
    assert explore(_share(Ground(), 10), AfterSome(0)).played == 0


def test_shrinking_ends_with_the_smallest_so_far_when_somebody_says_stop() -> None:
    hit, finding = _leak()
    assert smaller(hit, finding, _LEAKING, AfterSome(0)).program == hit.program
    some = smaller(hit, finding, _LEAKING, AfterSome(3)).program
    assert len(some.steps) < len(hit.program.steps)


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.length)])
def test_an_interrupted_exploration_says_how_far_it_came(tmp_path: Path, jobs: int) -> None:
    words = ("explore", "--programs", "5000", "--defect", "kick-keeps-stream", "--jobs", str(jobs))
    with talking(*words, "--save", str(tmp_path / "kept")) as (command, said):
        assert said.readline().startswith("explore ")
        assert " of 5000 programs, " in interrupted(command, said)


# --- on sockets


def test_programs_are_played_on_a_url_too_each_in_a_guild_of_its_own() -> None:
    limits = [f"--limit={name}=1000000" for name in RAISED]
    without = frozenset((Feature.VOICE,))
    with serving(*limits, "--without", "voice") as url:
        ground = Ground(target=url, declared=Target(label=url, url=url, declared=ALL_FEATURES - without))
        histories: list[list[bytes]] = [[], []]
        for lines in histories:
            finished = play(ONE_POST, 1, ground, write=lines.append)
            assert finished.results[0].verdict is Verdict.PASS
        explored = explore(replace(_share(ground, 1), steps=10))
    assert (explored.played, explored.hits, explored.faults) == (1, (), ())
    guilds = [_made_guilds(lines) for lines in histories]
    assert guilds[0]
    assert not guilds[0] & guilds[1]
    assert "voice" not in ground.features
    assert not ground.has_addresses


def _made_guilds(lines: list[bytes]) -> set[str]:
    records = [json.loads(line) for line in b"".join(lines).splitlines()]
    asked = {one["op"] for one in records if one.get("operation") == "create_guild"}
    answers = [one["body"] for one in records if one["k"] == "answered" and one["op"] in asked]
    return {json.loads(body)["guild_id"] for body in answers}


def test_a_fault_on_sockets_fails_each_time() -> None:
    """What is missing is played six times in all, and is missing each time."""
    limits = [f"--limit={name}=1000000" for name in RAISED]
    with serving(*limits, "--defect", _DROPS_EDITS) as url:
        _fails_each_time(Ground(target=url, declared=Target(label=url, url=url)))


@pytest.mark.length
def test_a_fault_of_the_embedded_server_fails_each_time() -> None:
    _fails_each_time(Ground(target="embedded", defect=_DROPS_EDITS))


def _fails_each_time(ground: Ground) -> None:
    (result,) = play(_EDIT, 1, ground).results
    assert result.verdict is Verdict.FAIL
    assert (result.note or "").startswith("6 of 6 attempts failed")


_DROPS_EDITS = "message-update-dropped"


_EDIT = ONE_POST.model_copy(
    update={
        "steps": (
            POST.model_copy(update={"makes": "m"}),
            Step(
                by="u0",
                do="edit_message",
                args={"guild_id": "$g", "channel_id": "$c0", "message_id": "$m", "content": "~y"},
            ),
        )
    }
)


def test_a_flake_is_told_with_its_share_and_not_made_smaller(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fails = play(_EDIT, 1, Ground(defect="message-update-dropped"))
    passes = play(_EDIT, 1, Ground())
    attempts = [fails.results[0], *[passes.results[0]] * 5]
    flaky = replace(fails, results=(combined(attempts),))

    def fail_now_and_then(*_: Any, write: Callable[[bytes], None] | None = None, **__: Any) -> RunFinished:
        # When it is played once more, for its diagram, all goes well.
        if write is not None:
            play(_EDIT, 1, Ground(), write=write)
        return flaky

    monkeypatch.setattr(exploration, "play", fail_now_and_then)
    words = ["explore", "--target", "embedded", "--programs", "1", "--save", str(tmp_path)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 1
    assert "FLAKY liveness  SCOPE-2" in told.stdout
    assert "1 of 6 attempts failed: 1" in told.stdout
    assert "from 40 steps" in told.stdout
    assert "program   40 steps" in told.stdout


def test_a_url_and_a_profile_are_checked_as_for_a_run(tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    profile.write_text('absent = ["voice"]\n', encoding="utf-8")
    ran = CliRunner().invoke(app, ["explore", "--profile", str(profile)])
    assert ran.exit_code == 2
    assert "holds no url" in ran.stderr
    ran = CliRunner().invoke(app, ["explore", "--profile", str(profile), "--target", "sim"])
    assert ran.exit_code == 2
    assert "declares a server of yours" in ran.stderr


def test_nothing_is_claimed_of_a_command_that_nobody_could_hear_of() -> None:
    on = {"guild_id": "$g", "channel_id": "$c0", "target_kind": "role", "target_id": "$everyone"}
    shut, lift = (on | {"allow": [], "deny": deny} for deny in (["create_message"], []))
    said = {"guild_id": "$g", "channel_id": "$c0", "content": "~x"}
    steps = (
        Step(by="u0", do="override_permission", args=shut),
        Step(by="u0", do="override_permission", args=lift),
        Step(by="u0", do="logout", args={"refresh_token": "$u0"}),
        Step(by="u2", do="say", args=said),
    )
    program = Program(members=3, strangers=0, steps=steps)
    result = play(program, 10_000_855, Ground(), sweeps=False).results[0]
    assert (result.verdict, red(result)) == (Verdict.PASS, ())


def test_processes_are_for_virtual_time() -> None:
    told = CliRunner().invoke(app, ["explore", "--target", "embedded", "--jobs", "2"])
    assert (told.exit_code, told.stdout) == (2, "")
    assert "--jobs 2 is for virtual time: leave it out for embedded, or give --target sim" in told.stderr


def test_what_breaks_one_rule_again_and_again_is_named_and_not_made_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _of_kicked()[0]
    others = [replace(found, event=f"event_{number}") for number in range(5)]
    hits = [Hit(program=KICKED, seed=1, sweeps=False, findings=(one,)) for one in others]
    explored = Explored(played=5, undecided=0, steps=10, hits=tuple(hits), faults=())
    small: list[Finding] = []

    def as_it_is(hit: Hit, finding: Finding, *_: object) -> Small:
        small.append(finding)
        return Small(program=hit.program, seed=hit.seed, finding=finding)

    monkeypatch.setattr(exploring, "explore", lambda _share, _stop: explored)
    monkeypatch.setattr(minimised, "smaller", as_it_is)
    words = ["explore", "--programs", "1", "--defect", "kick-keeps-stream", "--save", str(tmp_path)]
    told = CliRunner().invoke(app, words).stdout
    assert small == others[:3]
    assert f"FAIL  {found.kind}  {found.requirement}  of 2 more: event_3, event_4\n" in told
    assert told.splitlines()[-1].endswith(" 5 kinds of findings \u00b7 exit code 1")


@pytest.mark.parametrize(("programs", "jobs", "most"), [(10, 1, 1), (100, 1, 6), (100, 2, 3), (5000, 2, 25)])
def test_progress_is_told_often(programs: int, jobs: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[int] = []

    def none(share: Share, *_: object) -> Explored:
        played.append(share.programs)
        return Explored(played=share.programs, undecided=0, steps=0, hits=(), faults=())

    monkeypatch.setattr(exploring, "shared_out", lambda _work, shares, *_: map(none, shares))
    words = ["explore", "--programs", str(programs), "--jobs", str(jobs)]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert (max(played), sum(played)) == (most, programs)


def test_a_subscription_counts_from_the_moment_that_it_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (
        Step(by="u0", do="update_guild", args={"guild_id": "$g", "visibility": "public"}),
        Step(by="u1", do="join_guild", args={"guild_id": "$g"}),
        Step(by="u0", do="ban_addresses_of", args={"guild_id": "$g", "target_user_id": "$u1"}),
        Step(by="u0", do="cut"),
        Step(by="u0", do="connect"),
        Step(by="u0", do="subscribe", args={"channel_id": "$c0"}),
    )
    program, awaited = Program(members=3, strangers=0, channels=1, steps=steps), list[set[str]]()
    write = Fence._write

    def note(fence: Fence, author: Client, place: Place, connections: Iterable[Connection]) -> None:
        awaited.append({one.client.name for one in connections})
        write(fence, author, place, connections)

    monkeypatch.setattr(Fence, "_write", note)
    assert play(program, 5, Ground(), sweeps=False).results[0].verdict is Verdict.PASS
    assert awaited[0] == {"ana", "cleo"}


def test_who_missed_something_unawares_need_not_know_it_after_one_more_subscribe() -> None:
    on = {"guild_id": "$g", "channel_id": "$c0", "target_kind": "member", "target_id": "$u2"}
    shut, lift = (on | {"allow": [], "deny": deny} for deny in (["create_message"], []))
    steps = (
        Step(by="u0", do="override_permission", args=shut),
        Step(by="u0", do="override_permission", args=lift),
        Step(by="u0", do="create_channel", args={"guild_id": "$g", "channel_name": "~x"}, makes="c7"),
        Step(
            by="u0",
            do="update_channel",
            args={"guild_id": "$g", "channel_id": "$c0", "channel_name": "~x"},
        ),
        Step(by="u2", do="say", args={"channel_id": "$c7", "content": "~x"}),
    )
    program = Program(members=5, strangers=0, channels=1, steps=steps)
    result = play(program, 10_000_885, Ground(), sweeps=False).results[0]
    assert (result.verdict, red(result)) == (Verdict.PASS, ())


def test_what_is_flaky_is_told_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _of_kicked()[0]
    others = [replace(found, event=f"event_{number}") for number in range(5)]
    hits = [
        Hit(program=KICKED, seed=1, sweeps=False, findings=(one,), flaky="found in 2 of 6") for one in others
    ]
    explored = Explored(played=5, undecided=0, steps=10, hits=tuple(hits), faults=())
    monkeypatch.setattr(exploring, "explore", lambda _share, _stop: explored)
    words = ["explore", "--programs", "1", "--defect", "kick-keeps-stream", "--save", str(tmp_path)]
    told = CliRunner().invoke(app, words).stdout
    assert (told.count("FLAKY "), told.count("FAIL  safety")) == (5, 0)
