"""What several attempts at a scenario add up to."""

import pytest

from sync_check.conformance.history import Ending
from sync_check.conformance.repetition import ATTEMPTS, combined, may_be_chance, wants_another
from sync_check.conformance.run import Cell, ScenarioResult
from sync_check.conformance.verdict import Finding, Kind, Level, Verdict


def _finding(kind: Kind, message: str = "x", level: Level = Level.FAIL) -> Finding:
    return Finding(
        scenario="a/b", level=level, kind=kind, judge="delivery", requirement="SCOPE-2", message=message
    )


def _result(verdict: Verdict, *findings: Finding) -> ScenarioResult:
    return ScenarioResult(
        id="a/b",
        title="Something holds.",
        verdict=verdict,
        requirements=("SCOPE-2",),
        findings=findings,
        witnesses={"SCOPE-2": 1},
        wall_s=0.5,
        ending=Ending.COMPLETED,
        evidence={"frames": 2},
        coverage=(Cell("SCOPE-2", "message_create", "channel", "member", "live", 1),),
    )


PASS = _result(Verdict.PASS)
OPEN = _result(Verdict.INCONCLUSIVE)
LATE = _result(Verdict.FAIL, _finding(Kind.LIVENESS))
LEAK = _result(Verdict.FAIL, _finding(Kind.SAFETY))
BOTH = _result(Verdict.FAIL, _finding(Kind.LIVENESS), _finding(Kind.SAFETY))
ODD = _result(Verdict.FAIL, _finding(Kind.LIVENESS), _finding(Kind.CONTRACT, level=Level.LAX))


def test_only_missing_deliveries_may_be_chance() -> None:
    wanted = [False, False, True, False, False, True]
    assert [may_be_chance(result) for result in (PASS, OPEN, LATE, LEAK, BOTH, ODD)] == wanted


@pytest.mark.parametrize(
    ("attempts", "wanted"),
    [
        ([], False),
        ([PASS], False),
        ([LEAK], False),
        ([LATE], True),
        ([LATE, PASS], True),
        ([LATE, PASS, LATE, OPEN, PASS], True),
        ([LATE] * ATTEMPTS, False),
        ([LATE, LEAK], False),
    ],
)
def test_it_is_played_six_times_in_all_unless_something_worse_is_found(
    attempts: list[ScenarioResult], wanted: bool
) -> None:
    assert wants_another(attempts) is wanted


@pytest.mark.parametrize(
    ("attempts", "verdict", "note"),
    [
        ([LATE], Verdict.FAIL, None),
        ([LATE] * 6, Verdict.FAIL, "6 of 6 attempts failed: 1, 2, 3, 4, 5, 6"),
        ([LATE, PASS, PASS, PASS, PASS, PASS], Verdict.FLAKY, "1 of 6 attempts failed: 1"),
        ([LATE, PASS, LATE, PASS, PASS, OPEN], Verdict.FLAKY, "2 of 6 attempts failed: 1, 3"),
        ([LATE, PASS], Verdict.FLAKY, "1 of 2 attempts failed: 1"),
        ([LATE, PASS, LEAK], Verdict.FAIL, "2 of 3 attempts failed: 1, 3"),
    ],
)
def test_the_share_that_failed(attempts: list[ScenarioResult], verdict: Verdict, note: str | None) -> None:
    result = combined(attempts)
    assert (result.verdict, result.note) == (verdict, note)


def test_attempts_add_up() -> None:
    other = _result(Verdict.FAIL, _finding(Kind.LIVENESS, "y"))
    result = combined([LATE, other, LATE])
    assert [finding.message for finding in result.findings] == ["x", "y"]
    assert (result.witnesses, result.evidence, result.wall_s) == ({"SCOPE-2": 3}, {"frames": 6}, 1.5)
    assert [cell.times for cell in result.coverage] == [3]
