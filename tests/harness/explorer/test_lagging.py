"""Somebody of a program who takes nothing: what becomes of them, and which faults of a queue that shows."""

from typing import Any

import pytest

from sync_check.conformance.history import ConnectionEnded, ConnectionOpened, TakingChanged, read_history
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Verdict
from sync_check.exploration import red
from sync_check.harness.explorer.program import FileError, Program, Step, checked
from sync_check.programs import scenario_of
from sync_check.targets import RAISED_LIMITS
from tests.sync_check.simulated import simulated

FEW = RAISED_LIMITS.model_copy(update={"gateway_outbound_queue": 40})
"""So few may wait for a connection that filling it takes no time."""


def lag(**args: Any) -> Step:
    return Step(by="u1", do="lag", args={"channel_id": "$c0", **args})


def _played(*steps: Step, defect: str | None = None, members: int = 2) -> tuple[bytes, ScenarioResult]:
    program = Program(members=members, strangers=0, channels=1, steps=steps)
    scenario, hears = scenario_of(program, "programs/one")
    history, finished = simulated(
        1, (scenario,), clients=members, defect=defect, strict=False, limits=FEW, hears=hears
    )
    assert finished.faults == ()
    return history, finished.results[0]


def test_who_misses_too_much_is_ended_and_comes_back() -> None:
    post = Step(by="u0", do="create_message", args={"guild_id": "$g", "channel_id": "$c0", "content": "~x"})
    history, result = _played(lag(), post)
    assert (result.verdict, red(result)) == (Verdict.PASS, ())
    records = list(read_history(history.splitlines(keepends=True)))
    slow = {one.connection for one in records if isinstance(one, TakingChanged)}
    ended = [one.reason for one in records if isinstance(one, ConnectionEnded) and one.connection in slow]
    assert ended == ["slow_consumer"]
    # Two sessions at first, the slow one, and the one after it.
    opened = [one for one in records if isinstance(one, ConnectionOpened) and one.client == "ben"]
    assert len(opened) == 4


def test_who_misses_what_fits_gets_it_later() -> None:
    history, result = _played(lag(events="what fits"))
    assert (result.verdict, red(result)) == (Verdict.PASS, ())
    takings = [
        one for one in read_history(history.splitlines(keepends=True)) if isinstance(one, TakingChanged)
    ]
    assert [one.bytes_per_s for one in takings] == [0, None]
    assert result.evidence["piled_up"] == 32


@pytest.mark.parametrize(
    ("defect", "events"),
    [
        ("queue-tighter", "what fits"),
        ("slow-consumer-stays-present", "too many"),
        ("slow-consumer-dropped", "too many"),
    ],
)
def test_what_a_queue_does_wrong_is_found(defect: str, events: str) -> None:
    _, result = _played(lag(events=events), defect=defect)
    assert "slow_consumers" in {one.judge for one in red(result)}


@pytest.mark.parametrize(
    "before",
    [
        Step(by="u0", do="disconnect"),
        Step(by="u1", do="leave_guild", args={"guild_id": "$g"}),
        Step(by="u0", do="delete_channel", args={"guild_id": "$g", "channel_id": "$c0"}),
    ],
)
def test_where_nobody_sees_it_or_nothing_is_missed_nothing_happens(before: Step) -> None:
    history, result = _played(before, lag(), members=3)
    assert result.verdict is Verdict.PASS
    assert not [
        one for one in read_history(history.splitlines(keepends=True)) if isinstance(one, TakingChanged)
    ]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"events": "all"}, "step 1 lags behind by 'all', not 'too many' or 'what fits'"),
        ({"events": ["too many"]}, "step 1 lags behind by ['too many'], not 'too many' or 'what fits'"),
    ],
)
def test_nonsense_is_refused_in_words(args: dict[str, Any], told: str) -> None:
    with pytest.raises(FileError) as caught:
        checked(Program(steps=(lag(**args),)).model_dump(mode="json"))
    assert str(caught.value) == told
