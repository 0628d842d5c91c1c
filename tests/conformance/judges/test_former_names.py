"""Overrides are told of under the names of the target's revision; in the migration window under both."""

from dataclasses import replace
from typing import Any, Final

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.examination import examine
from sync_check.conformance.history import Header
from sync_check.conformance.run import ScenarioResult
from tests.conformance.content_stories import ContentStory
from tests.conformance.histories import NOW, found, user
from tests.conformance.stories import ACCEPTED

FORMER: Final = "workspace_channel_override_update"
SPLIT: Final = "workspace_channel_permission_override_update"


def _judged(*names: str, **declared: Any) -> ScenarioResult:
    """A run in which an override is told of under these names, by a target that declares so of itself."""
    story = ContentStory()
    about = {**story.place, "target_kind": "member", "target_id": user("ben")}
    written: dict[str, Any] = {"allow": ["create_message"], "deny": []}
    op = story.invoke("ana", ops.OverridePermission.model_validate({**about, **written}))
    for name in names:
        event = {**about, "updated_fields": written, "updated_at_unix": NOW}
        story.frames(story.subscribed, name, event)
    story.answer(op, 200, ACCEPTED)
    story.post("ana", "later")
    records = [replace(one, **declared) if isinstance(one, Header) else one for one in story.records]
    return examine(records).result("test/story")


@pytest.mark.parametrize("names", [(SPLIT,), (FORMER, SPLIT), (SPLIT, FORMER)])
def test_in_the_window_the_former_name_may_come_besides(names: tuple[str, ...]) -> None:
    assert found(_judged(*names)) == []


def test_outside_of_it_the_former_name_is_wrong() -> None:
    result = _judged(SPLIT, FORMER, migration_window=False)
    assert found(result) == [("delivery", "EVT-5", name) for name in ("ana#1", "ben#1", "ben#2")]
    assert "outside of the migration window" in result.findings[0].message


@pytest.mark.parametrize(("window", "witnessed"), [(True, False), (False, True)])
def test_its_absence_is_seen_where_it_must_not_come(window: bool, witnessed: bool) -> None:
    result = _judged(SPLIT, migration_window=window)
    assert found(result) == []
    assert (result.witnesses.get("EVT-5", 0) > 0) is witnessed


def test_the_new_name_is_owed_in_either_case() -> None:
    for window in (True, False):
        assert ("delivery", "SCOPE-4", "ben#1") in found(_judged(FORMER, migration_window=window))


def test_in_revision_1_there_is_the_former_name_alone() -> None:
    result = _judged(FORMER, contract_revision=1)
    assert found(result) == []
    assert result.witnesses["OVR-1"] > 0
    assert ("delivery", "DELIV-1", "ben#1") in found(_judged(FORMER, SPLIT, contract_revision=1))
