"""Drawing programs: sound, varied, of the features in force only, and the same for the same seed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations import COMMANDS, OPERATIONS
from sync_check.harness.explorer.dealing import hand
from sync_check.harness.explorer.drawing import draw_one
from sync_check.harness.explorer.generation import programs
from sync_check.harness.explorer.program import SAY, SECRET, SETTLE, SPECIAL, SUBSCRIBE, Program
from sync_check.harness.explorer.scope import Condition, Scope
from sync_check.harness.target import DRIVEN_FEATURES

EVERYTHING: Final = Scope(features=DRIVEN_FEATURES, conditions=frozenset(Condition))
OURS: Final = frozenset((Condition.VIRTUAL, Condition.ADDRESSES))
MANY: Final = 210
"""Programs: enough for each kind of step to be drawn by everybody."""
SOME: Final = 80
AS_STEPS: Final[Mapping[str, str]] = {"subscribe": SUBSCRIBE, "message_create": SAY}
"""Commands, and the special steps that send them."""


def _drawn(count: int, scope: Scope, seed: int = 1) -> tuple[Program, ...]:
    return tuple(_program(number, scope, seed) for number in range(count))


@cache
def _program(number: int, scope: Scope, seed: int) -> Program:
    return draw_one(programs(scope=scope, steps=30, cards=hand(scope, seed, number)), seed * 1000 + number)


def _done(drawn: Iterable[Program]) -> set[str]:
    return {step.do for program in drawn for step in program.steps}


def test_they_are_sound() -> None:
    for program in _drawn(20, EVERYTHING):
        assert list(program.faults()) == []
        assert len(program.steps) <= 30


def test_kinds_of_steps_differ_from_program_to_program() -> None:
    kinds = [frozenset(step.do for step in program.steps) for program in _drawn(20, EVERYTHING)]
    assert len(set(kinds)) > 10
    counts = Counter(kind for one in kinds for kind in one)
    assert {"create_message", "add_member", "assign_role", "override_permission"} <= counts.keys()


def test_users_of_all_ranks_try_every_operation_and_every_special_step_is_drawn() -> None:
    drawn = _drawn(MANY, EVERYTHING)
    by_rank = Counter(
        (step.do, "owner" if step.by == "u0" else step.by[0]) for program in drawn for step in program.steps
    )
    for do in OPERATIONS:
        assert {rank for done, rank in by_rank if done == do} == {"owner", "u", "s"}, do
    assert AS_STEPS.keys() == COMMANDS.keys()
    # Who settles takes the swing out of a program; it is there for files written by hand.
    assert set(SPECIAL) - _done(drawn) == {SETTLE}


def test_only_what_is_private_is_marked_as_a_secret() -> None:
    marked = {
        name
        for program in _drawn(MANY, EVERYTHING)
        for step in program.steps
        for name, value in step.args.items()
        if str(value).startswith(SECRET)
    }
    assert marked <= {"content", "guild_name", "channel_name", "username", "password", "reason"}


def test_what_is_done_to_messages_is_hardly_ever_done_to_none() -> None:
    to_known = Counter(
        str(step.args["message_id"]).startswith("$")
        for program in _drawn(SOME, EVERYTHING)
        for step in program.steps
        if step.do in ("edit_message", "delete_message", "add_reaction", "remove_reaction")
    )
    assert 0 < to_known[False] < to_known[True] / 4


def test_nothing_is_drawn_of_a_feature_that_is_not_in_force() -> None:
    features = frozenset((Feature.MESSAGES,))
    done = _done(_drawn(10, Scope(features=features, conditions=OURS))) - set(SPECIAL)
    assert done
    assert {OPERATIONS[name].feature for name in done} <= {None, *features}


def test_addresses_are_banned_and_time_passes_only_where_they_are_ours() -> None:
    done = _done(_drawn(40, Scope(features=DRIVEN_FEATURES)))
    assert not {"ban_addresses_of", "remove_ip_ban", "leap", "pause"} & done


def test_the_seed_decides() -> None:
    assert _drawn(5, EVERYTHING) == tuple(_program.__wrapped__(number, EVERYTHING, 1) for number in range(5))
    assert _drawn(5, EVERYTHING) != _drawn(5, EVERYTHING, 2)
