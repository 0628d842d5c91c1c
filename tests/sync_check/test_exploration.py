"""Exploring: a clean server is clean, and a defect is found and made small."""

import pytest
from typer.testing import CliRunner

from sync_check.cli import app
from sync_check.conformance.verdict import Verdict
from sync_check.exploration import Ground, Kind, Share, Small, distinct, drawn, explore, play, red, smaller
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.target import DRIVEN_FEATURES


def _share(ground: Ground, programs: int) -> Share:
    return Share(ground=ground, seed=1, programs=programs, steps=20, features=DRIVEN_FEATURES)


def test_nothing_is_found_of_a_clean_server() -> None:
    explored = explore(_share(Ground(), 5))
    assert (explored.played, explored.hits, explored.faults) == (5, (), ())


def test_a_defect_is_found_and_made_small() -> None:
    ground = Ground(defect="guild-event-to-stranger")
    hits = list(distinct([explore(_share(ground, 2))]))
    assert hits
    hit, finding = hits[0]
    small = smaller(hit, finding, ground)
    assert Kind.of(small.finding) == Kind.of(finding)
    assert len(small.program.steps) <= 6 < len(hit.program.steps)
    assert Kind.of(finding) in map(Kind.of, red(play(small.program, small.seed, ground).results[0]))
    assert play(small.program, small.seed, Ground()).results[0].verdict is Verdict.PASS


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


def test_what_led_to_a_finding_is_told_from_its_own_history() -> None:
    ground = Ground(defect="kick-keeps-stream")
    found = red(play(KICKED, 1, ground, sweeps=False).results[0])
    leak = next(finding for finding in found if finding.event == "workspace_update")
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
