"""How well an absence is proved, and what its proof costs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.examination import examine
from sync_check.conformance.history import Header, Purpose
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Level, Verdict
from tests.conformance.histories import is_remark
from tests.conformance.stories import Story


class AtHome(Story):
    """Eve, who is a stranger to ana's guild, hears one of her own, on the connections that enter it."""

    def __init__(self, *covers: str) -> None:
        super().__init__(*covers)
        guild, channel = self.id(), self.id()
        self.home = {"guild_id": guild, "channel_id": channel}
        told = {"guild_id": guild, "name": "home", "visibility": "private"}
        self.call("eve", ops.CreateGuild(guild_name="home"), body=told, purpose=Purpose.SETUP)
        create = ops.CreateChannel(guild_id=guild, channel_name="home")
        told = {"channel_id": channel, "name": "home", "kind": "text"}
        self.call("eve", create, body=told, purpose=Purpose.SETUP)

    def enter(self, connection: int) -> None:
        self.subscribe(connection, self.home["guild_id"], self.home["channel_id"])

    def write(self, *to: int) -> None:
        """A message at home that is answered once it has come."""
        self.finish_writing(*self.begin_writing(), *to)

    def begin_writing(self) -> tuple[int, dict[str, Any]]:
        content = f"note {len(self.records)}"
        message = self.message(self.id(), "eve", content) | self.home
        create = ops.CreateMessage(
            guild_id=self.home["guild_id"], channel_id=self.home["channel_id"], content=content
        )
        return self.invoke("eve", create, Purpose.FENCE), message

    def finish_writing(self, op: int, message: Mapping[str, Any], *to: int) -> None:
        self.frames(to, "message_create", message)
        self.answer(op, 200, message)

    def update(self) -> None:
        """A profile update of eve, which comes on all her connections."""
        self.about("eve", f"about {len(self.records)}", purpose=Purpose.FENCE)


def _judged(story: Story, *, strict: bool = False) -> ScenarioResult:
    records = [replace(one, strict=strict) if isinstance(one, Header) else one for one in story.records]
    return examine(records).result("test/story")


def _grades(story: Story) -> tuple[int, int]:
    """How many absences are proved, and how many of them weakly."""
    evidence = _judged(story).evidence
    return evidence.get("absences", 0), evidence.get("absences_weak", 0)


def _remarks(result: ScenarioResult) -> list[Finding]:
    return [finding for finding in result.findings if is_remark(finding)]


# --- weak


def test_an_event_of_another_scope_proves_an_absence_weakly() -> None:
    story = Story("SCOPE-2")
    story.post("ben", "first")
    story.close_scenario()
    result = _judged(story)
    (remark,) = _remarks(result)
    assert (remark.level, remark.requirement, remark.judge) == (Level.INFO, "DELIV-2", "delivery")
    assert remark.received == "no such order behind 1 of 1 absences"
    assert result.verdict is Verdict.PASS


def test_a_strict_run_takes_no_order_for_granted() -> None:
    story = Story("SCOPE-2")
    story.post("ben", "first")
    story.close_scenario()
    result = _judged(story, strict=True)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "1 of 1 absences rest on weak fences" in (result.note or "")


def test_there_is_one_remark_however_many_absences() -> None:
    story = Story()
    for text in ("first", "second", "third"):
        story.post("ben", text)
    story.close_scenario()
    (remark,) = _remarks(_judged(story))
    assert remark.received == "no such order behind 3 of 3 absences"


def test_what_was_caused_at_the_same_time_shows_no_order() -> None:
    story = AtHome()
    story.enter(story.eve)
    op, message = story.begin_writing()
    story.post("ben", "first")
    story.update()
    story.finish_writing(op, message, story.eve)
    assert _grades(story) == (1, 1)


def test_an_order_on_another_connection_of_the_user_is_none_of_this_one() -> None:
    story = AtHome()
    second = story.open("eve")
    story.owners[second] = "eve"
    story.enter(second)
    story.write(second)
    story.post("ben", "first")
    story.update()
    assert _grades(story) == (2, 1)


def test_an_order_of_two_scopes_says_nothing_of_a_third() -> None:
    story = AtHome()
    story.enter(story.eve)
    story.write(story.eve)
    story.rename("ana", "den")
    story.update()
    assert _grades(story) == (1, 1)


def test_that_a_refused_operation_caused_nothing_can_be_proved_weakly() -> None:
    story = Story()
    story.call("eve", ops.UpdateGuild(guild_id=story.guild, guild_name="mine"), 403, {"error": "forbidden"})
    story.about("ana", "fence", purpose=Purpose.FENCE)
    assert _grades(story) == (1, 1)


# --- strong


def test_an_event_of_the_same_scope_proves_an_absence_strongly() -> None:
    story = AtHome()
    story.enter(story.eve)
    story.post("ben", "first")
    story.write(story.eve)
    assert _grades(story) == (1, 0)


@pytest.mark.parametrize("user_first", [True, False])
def test_an_order_that_was_seen_before_makes_a_later_proof_strong(user_first: bool) -> None:
    story = AtHome()
    story.enter(story.eve)
    if user_first:
        story.update()
    story.write(story.eve)
    story.post("ben", "first")
    story.update()
    result = _judged(story)
    assert _grades(story) == (1, 0)
    assert _remarks(result) == []


def test_an_order_that_is_seen_later_makes_an_earlier_proof_strong() -> None:
    story = AtHome("SCOPE-2")
    story.post("ben", "first")
    story.update()
    story.close_scenario()
    assert _grades(story) == (1, 1)
    story.begin("test/next")
    story.enter(story.eve)
    story.write(story.eve)
    story.end("test/next")
    result = _judged(story, strict=True)
    assert result.evidence.get("absences_weak", 0) == 0
    assert result.verdict is Verdict.PASS


def test_that_a_refused_operation_caused_nothing_is_proved_as_well_as_on_the_best_connection() -> None:
    story = Story()
    story.rename("ana", "den", purpose=Purpose.FENCE)
    story.about("ana", "fence", purpose=Purpose.FENCE)
    story.call("eve", ops.UpdateGuild(guild_id=story.guild, guild_name="mine"), 403, {"error": "forbidden"})
    story.about("ana", "fence again", purpose=Purpose.FENCE)
    story.about("ben", "fence", purpose=Purpose.FENCE)
    assert _grades(story) == (1, 0)


# --- not proved at all


def test_without_anything_later_nothing_is_proved() -> None:
    story = Story()
    story.post("ben", "first")
    assert _grades(story) == (0, 0)


def test_what_was_told_before_a_connection_opened_is_not_absent_there() -> None:
    story = Story()
    story.post("ben", "first")
    late = story.open("eve")
    story.owners[late] = "eve"
    story.about("eve", "fence", purpose=Purpose.FENCE)
    assert _grades(story) == (1, 1)  # on the connection that was open


# --- the cost


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
