"""The coverage matrix: who received what in which state."""

from collections.abc import Iterable

from sync_check.conformance.run import Cell
from tests.conformance.stories import Story


def _cells(story: Story, *requirement_ids: str) -> set[Cell]:
    story.close_scenario()
    return {cell for cell in story.result().coverage if cell.requirement in requirement_ids}


def _where(cells: Iterable[Cell], event: str) -> set[tuple[str, str, int]]:
    return {(cell.receiver, cell.state, cell.times) for cell in cells if cell.event == event}


def test_owner_members_and_their_second_sessions_are_told_apart() -> None:
    story = Story()
    story.post("ben", "first")
    story.post("ana", "second")
    cells = _cells(story, "SCOPE-2")
    assert _where(cells, "message_create") == {
        ("owner", "live", 1),
        ("member", "live", 1),
        ("member", "second", 1),
    }
    assert {cell.scope for cell in cells} == {"channel"}


def test_silence_is_credited_to_the_stranger_and_to_the_former_member() -> None:
    story = Story()
    story.kick("ana", "ben")
    story.post("ana", "without you")
    cells = _cells(story, "SCOPE-3", "ACCESS-3")
    told = {(cell.requirement, cell.receiver) for cell in cells if cell.event == "message_create"}
    assert told == {("SCOPE-3", "outsider"), ("ACCESS-3", "former"), ("SCOPE-3", "former")}


def test_a_removal_reaches_who_was_a_member_before_it() -> None:
    story = Story()
    story.kick("ana", "ben")
    story.post("ana", "without you")
    assert _where(_cells(story, "ACCESS-2"), "workspace_member_remove") == {
        ("member", "live", 1),
        ("member", "second", 1),
    }


def test_an_event_of_user_scope_has_users_concerned_and_others() -> None:
    story = Story()
    story.about("ben", "new")
    cells = _cells(story, "SCOPE-7")
    assert {(cell.receiver, cell.state) for cell in cells if cell.event == "profile_update"} == {
        ("concerned", "live"),
        ("concerned", "second"),
        ("other", "live"),
    }


def test_fences_and_set_up_fill_no_cell() -> None:
    story = Story()
    story.post("ben", "first")
    assert _where(_cells(story, "SCOPE-2"), "message_update") == set()
