"""Drawing programs: sound, varied, of the features in force only, and the same for the same seed."""

from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.harness.explorer.generation import programs
from sync_check.harness.explorer.program import SPECIAL, Program
from sync_check.harness.target import DRIVEN_FEATURES


def _drawn(count: int, features: frozenset[Feature], number: int = 1) -> list[Program]:
    drawn: list[Program] = []

    @seed(number)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(features=features, steps=30))
    def draw(program: Program) -> None:
        drawn.append(program)

    draw()
    return drawn


def test_they_are_sound() -> None:
    for program in _drawn(20, DRIVEN_FEATURES):
        assert list(program.faults()) == []
        assert len(program.steps) <= 30


def test_kinds_of_steps_differ_from_program_to_program() -> None:
    kinds = [frozenset(step.do for step in program.steps) for program in _drawn(20, DRIVEN_FEATURES)]
    assert len(set(kinds)) > 10
    counts = Counter(kind for one in kinds for kind in one)
    assert {"create_message", "add_member", "assign_role", "override_permission"} <= counts.keys()


def test_nothing_is_drawn_of_a_feature_that_is_not_in_force() -> None:
    features = frozenset((Feature.MESSAGES,))
    done = {step.do for program in _drawn(10, features) for step in program.steps} - set(SPECIAL)
    needed = {OPERATIONS[name].feature for name in done}
    assert needed <= {None, Feature.MESSAGES, Feature.MEMBERS, Feature.ROLES, Feature.AUDIT}


def test_the_seed_decides() -> None:
    assert _drawn(5, DRIVEN_FEATURES) == _drawn(5, DRIVEN_FEATURES)
    assert _drawn(5, DRIVEN_FEATURES) != _drawn(5, DRIVEN_FEATURES, 2)
