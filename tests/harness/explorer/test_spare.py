"""Sessions besides those that people act in: nothing is found on a clean server, and defects are."""

import json

import pytest

from sync_check.conformance.verdict import Verdict
from sync_check.exploration import Ground, play, red
from sync_check.harness.explorer.program import Program, Step

ON = {"session": "$k1"}
LISTENING = Step(by="u1", do="sign_in", args={"listening": True}, makes="k1")
RENEWED = Step(by="u1", do="renew", args=ON)
REPLAYED = Step(by="u1", do="renew", args={**ON, "token": "first"})
ENDED = Step(by="u1", do="sign_out", args=ON)
OTHER = Step(by="u1", do="sign_in", makes="k2")
USED = Step(by="u1", do="present", args=ON)
LATER = Step(by="u0", do="leap", args={"seconds": 1300})
BOTH = Step(by="u1", do="knock", args={**ON, "header": "newest", "query": "foreign"})


def _program(*steps: Step) -> Program:
    return Program(members=2, strangers=0, channels=1, steps=steps)


CASES = {
    "used-refresh-accepted": _program(LISTENING, RENEWED, REPLAYED),
    "replay-tolerated": _program(LISTENING, RENEWED, REPLAYED, USED),
    "revoked-stays-connected": _program(LISTENING, ENDED),
    "logout-ends-all": _program(
        LISTENING, OTHER, ENDED.model_copy(update={"args": {"session": "$k2"}}), USED
    ),
    "expired-token-accepted": _program(LISTENING, LATER, USED),
    "header-token-wins": _program(LISTENING, BOTH),
}


@pytest.mark.parametrize("defect", CASES)
def test_a_defect_is_found_that_a_clean_server_does_not_have(defect: str) -> None:
    program = CASES[defect]
    assert red(play(program, 1, Ground(defect=defect, strict=True), sweeps=False).results[0], strict=True)
    clean = play(program, 1, Ground(strict=True), sweeps=False).results[0]
    assert (clean.verdict, red(clean, strict=True)) == (Verdict.PASS, ())


def test_what_is_connected_in_them_is_closed_in_the_end() -> None:
    lines: list[bytes] = []
    play(_program(LISTENING), 1, Ground(), sweeps=False, write=lines.append)
    records = [json.loads(line) for line in b"".join(lines).splitlines()]
    opened = [one["connection"] for one in records if one["k"] == "opened"]
    assert {one["how"] for one in records if one["k"] == "ended"} == {"closed_by_us"}
    assert sorted(one["connection"] for one in records if one["k"] == "ended") == sorted(opened)
