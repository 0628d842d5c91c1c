"""What proofs of absence cost."""

from sync_check.conformance.history import Purpose
from tests.conformance.stories import Story


def test_a_fence_takes_until_it_is_everywhere() -> None:
    story = Story()
    story.post("ben", "first")
    assert not story.result().evidence.get("fences")
    began = story.now()
    story.post("ana", "fence", purpose=Purpose.FENCE)
    evidence = story.result().evidence
    assert evidence["fences"] == 1
    assert 0 < evidence["fences_us"] <= story.now() - began


def test_what_the_fences_of_a_story_prove() -> None:
    story = Story()
    story.post("ben", "first")
    story.close_scenario()
    evidence = story.result().evidence
    assert evidence["absences"] == 1  # eve
    assert evidence["fences"] == 2  # one for the channel, one for her
