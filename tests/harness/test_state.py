"""States are values that steps do not touch."""

from sync_check.harness.state import State, drop_guild
from tests.harness.wire import (
    GENERAL,
    GUILD,
    THIRD,
    create_frame,
    filled_replica,
)


def test_a_state_compares_by_identity() -> None:
    assert State() != State()
    assert len({State(), State()}) == 2


def test_a_step_leaves_the_state_it_started_from() -> None:
    replica = filled_replica()
    before = replica.state
    held = dict(before.contents[GENERAL].messages)
    replica.apply(create_frame(THIRD))
    assert replica.state is not before
    assert before.contents[GENERAL].messages == held


def test_a_guild_is_dropped_with_all_that_hangs_on_it() -> None:
    state = drop_guild(filled_replica().state, GUILD)
    assert [*state.guilds, *state.live, *state.asked, *state.contents, *state.permissions] == []
    assert drop_guild(state, GUILD) is state
