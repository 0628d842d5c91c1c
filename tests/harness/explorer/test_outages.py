"""Restarts and peers that vanish: clean on a clean server, and what is wrong with them is found."""

from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.verdict import Verdict
from sync_check.exploration import Ground, Share, play, red
from sync_check.harness.explorer import outages
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.explorer.scope import Condition
from sync_check.harness.hazards import Hazard
from sync_check.harness.stage import Stage
from sync_check.harness.target import Target
from sync_check.programs import hazards_of

POST = Step(by="u0", do="create_message", args={"guild_id": "$g", "channel_id": "$c0", "content": "~x"})
RESTART = Step(by="u0", do="restart")
BACK = (Step(by="u1", do="connect"), Step(by="u1", do="subscribe", args={"channel_id": "$c0"}))
BAN = Step(by="u0", do="ban_member", args={"guild_id": "$g", "user_id": "$u1"})
ADD = Step(by="u0", do="add_member", args={"guild_id": "$g", "user_id": "$u1"})
READ = Step(by="u0", do="history", args={"guild_id": "$g", "channel_id": "$c0"})
VANISH = Step(by="u1", do="vanish")
FOUND_OUT = Step(by="u0", do="pause", args={"seconds": 96})


def _program(*steps: Step) -> Program:
    return Program(members=2, strangers=0, channels=1, steps=steps)


CASES = {
    "restart-subscribes-anew": _program(RESTART, BACK[0], POST),
    "restart-keeps-online": _program(RESTART, *BACK),
    "restart-forgets-newest": _program(POST, RESTART, READ),
    "restart-lifts-bans": _program(BAN, RESTART, ADD),
    "dead-stays-online": _program(VANISH, FOUND_OUT),
}


@pytest.mark.parametrize("defect", CASES)
def test_a_defect_is_found_that_a_clean_server_does_not_have(defect: str) -> None:
    program = CASES[defect]
    assert red(play(program, 1, Ground(defect=defect), sweeps=False).results[0])
    clean = play(program, 1, Ground(), sweeps=False).results[0]
    assert (clean.verdict, red(clean)) == (Verdict.PASS, ())


@pytest.mark.parametrize(
    "steps",
    [
        (VANISH, *BACK, FOUND_OUT, POST),
        (VANISH, FOUND_OUT, *BACK, POST),
        (VANISH, RESTART, POST),
        (VANISH, POST),
        (Step(by="u1", do="disconnect"), VANISH, POST),
    ],
)
def test_who_vanishes_may_come_back_before_or_after_or_never(steps: tuple[Step, ...]) -> None:
    result = play(_program(*steps), 1, Ground(), sweeps=False).results[0]
    assert (result.verdict, red(result)) == (Verdict.PASS, ())


def test_a_restart_is_left_out_where_the_process_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    befall = outages.befall

    async def elsewhere(stage: Stage, *rest: Any) -> None:
        stage.company.target = replace(stage.company.target, restarts=None)
        await befall(stage, *rest)

    monkeypatch.setattr(outages, "befall", elsewhere)
    lines: list[bytes] = []
    play(_program(RESTART, POST), 1, Ground(), sweeps=False, write=lines.append)
    assert b'"target_down"' not in b"".join(lines)


def test_restarts_are_drawn_where_the_process_is_ours() -> None:
    url = "http://127.0.0.1:1"
    foreign = Ground(target=url, declared=Target(label=url, url=url))
    scopes = [
        Share(ground=ground, seed=1, programs=1, steps=9).scope
        for ground in (Ground(), Ground(target="embedded"), foreign)
    ]
    assert [Condition.RESTARTS in scope.conditions for scope in scopes] == [True, True, False]


def test_whoever_vanishes_leaves_events_to_pile_up() -> None:
    assert hazards_of(_program(VANISH)) == {Hazard.SLOW_CONSUMERS}
