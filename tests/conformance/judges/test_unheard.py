"""What no event tells of: what is told of something at the same time shows where it came."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.judges import unheard
from tests.conformance.door_stories import Asked, DoorStory, Told
from tests.conformance.histories import NOW, user
from tests.conformance.judges.test_races import folded
from tests.conformance.stories import ACCEPTED

_TWO = list(permutations(range(2)))


class _Default(DoorStory):
    """There is a role that whoever joins may get."""

    def __init__(self) -> None:
        super().__init__("roles")
        self.learn_roles()
        self.role_id = self.make_role("red")
        self.set_default = ops.SetDefaultRole(guild_id=self.guild, role_id=self.role_id)

    @property
    def given(self) -> bool:
        """Whether eve has the role in the end."""
        return bool(folded(self).timeline.present.guilds[self.guild].assigned.get(user("eve")))


@pytest.mark.parametrize("answered", _TWO)
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_whether_a_default_role_was_set_before_somebody_joined(
    late: bool, given: bool, answered: Sequence[int]
) -> None:
    story = _Default()
    told = [story.added("eve"), *([story.assigned("eve", story.role_id, "eve")] if given else [])]
    asked: Asked = [("eve", story.join), ("ana", story.set_default)]
    story.at_once(asked, [] if late else told, [story.joined(), ACCEPTED], answered)
    for event, payload in told if late else ():
        story.frames([*story.subscribed, story.eve], event, payload)
    story.fence()
    assert story.given is given
    assert not folded(story).is_racing
    assert story.judged(inside=True) == []


@pytest.mark.parametrize("answered", _TWO)
@pytest.mark.parametrize("given", [False, True])
def test_whether_a_default_role_was_deleted_before_somebody_joined(
    given: bool, answered: Sequence[int]
) -> None:
    story = _Default()
    story.call("ana", story.set_default, 200, ACCEPTED)
    deleted: Told = (
        "workspace_role_delete",
        {"guild_id": story.guild, "role_id": story.role_id, "deleted_at_unix": NOW},
    )
    joined = [story.added("eve"), *([story.assigned("eve", story.role_id, "eve")] if given else [])]
    told = [*joined, deleted] if given else [deleted, *joined]
    asked: Asked = [
        ("eve", story.join),
        ("ana", ops.DeleteRole(guild_id=story.guild, role_id=story.role_id)),
    ]
    story.at_once(asked, told, [story.joined(), ACCEPTED], answered)
    story.fence()
    assert not story.given
    assert story.judged(inside=True) == []


@pytest.mark.parametrize("answered", _TWO)
@pytest.mark.parametrize("banned", [False, True])
def test_whether_a_ban_was_lifted_before_it_was_repeated(banned: bool, answered: Sequence[int]) -> None:
    story = DoorStory("bans.lift")
    story.at_once([("ana", story.ban_eve)], [], [ACCEPTED])
    story.frames(story.subscribed, *story.banned())
    asked: Asked = [
        ("ana", ops.LiftBan(guild_id=story.guild, user_id=user("eve"))),
        ("ben", story.ban_eve),
    ]
    started = [story.invoke(who, operation) for who, operation in asked]
    if banned:
        story.frames(story.subscribed, *story.banned())
    for number in answered:
        story.answer(started[number], 200, ACCEPTED)
    story.fence()
    assert (user("eve") in folded(story).timeline.present.guilds[story.guild].banned) is banned
    assert story.judged(inside=False) == []


def test_a_fence_before_both_answers_shows_nothing() -> None:
    story = _Default()
    started = [story.invoke("eve", story.join), story.invoke("ana", story.set_default)]
    story.frames([*story.subscribed, story.eve], *story.added("eve"))
    story.fence()
    story.answer(started[0], 200, story.joined())
    story.answer(started[1], 200, ACCEPTED)
    assert folded(story).is_racing
    story.fence()
    assert not folded(story).is_racing


def test_who_hears_nothing_of_the_guild_does_not_show_that_nothing_was_told() -> None:
    story = _Default()
    story.at_once([("eve", story.join), ("ana", story.set_default)], [], [story.joined(), ACCEPTED], (0, 1))
    story.about("eve", "nothing of the guild comes here")
    assert folded(story).is_racing


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unheard, "_PATIENCE", 2)
    story = _Default()
    story.at_once([("eve", story.join), ("ana", story.set_default)], [], [story.joined(), ACCEPTED], (0, 1))
    for number in range(2):
        story.about("eve", f"something else {number}")
        assert folded(story).is_racing
    story.about("eve", "enough")
    assert not folded(story).is_racing
