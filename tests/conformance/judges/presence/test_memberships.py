"""Memberships in positions say what the states of a guild over a span say."""

from hypothesis import given
from hypothesis import strategies as st

from sync_check.conformance.contract.values import LegacyRole
from sync_check.conformance.judges.presence.memberships import Memberships
from sync_check.conformance.model.access import is_member
from sync_check.conformance.model.timeline import Timeline
from sync_check.conformance.model.world import Guild, World

_USERS = ("ana", "ben", None)
_STEP = 10
_Made = tuple[int, bool, bool]
"""How many records before its acknowledgement an operation began, and who is a member after it."""


def _timeline(made: list[_Made]) -> Timeline:
    timeline = Timeline()
    for number, (lasted, *members) in enumerate(made, 1):
        held: dict[str, LegacyRole] = {
            name: "member" for name, is_in in zip(("ana", "ben"), members, strict=True) if is_in
        }
        guild = Guild(guild_id="g", name=f"{number}", visibility="private", members=held)
        acknowledged = _STEP * number
        timeline.push(
            World().with_guild(guild), invoked=max(0, acknowledged - lasted), acknowledged=acknowledged
        )
    return timeline


@given(st.lists(st.tuples(st.integers(1, 3 * _STEP), st.booleans(), st.booleans()), max_size=7))
def test_between_any_two_positions(made: list[_Made]) -> None:
    timeline = _timeline(made)
    memberships = Memberships(timeline)
    for start in range(0, _STEP * (len(made) + 2), 3):
        for end in range(start, _STEP * (len(made) + 2), 4):
            states = timeline.guilds("g", timeline.span(start, end))
            for user_id in _USERS:
                expected = any(is_member(state, user_id) for state in states)
                assert memberships.was_member("g", user_id, start, end) == expected


def test_nobody_is_a_member_of_an_unknown_guild() -> None:
    assert not Memberships(Timeline()).was_member("g", "ana", 0, 1)


def test_a_membership_lasts_over_the_changes_of_others() -> None:
    timeline = _timeline([(5, True, False), (5, True, True), (5, True, False), (5, False, False)])
    (membership,) = Memberships(timeline).of("g", "ana")
    assert (membership.after, membership.until) == (5, 40)
